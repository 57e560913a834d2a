"""What really runs: cells, environments, training jobs, endpoint variants and notebook instances as local processes.

Nothing here knows the store, the clock or the AWS protocol. A machine is started from a frozen spec, reports by
callbacks from its own named thread, and is held by the handle that its `start_*` function returns.
"""
