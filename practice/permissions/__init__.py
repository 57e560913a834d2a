"""Who may do what in this account, decided as IAM decides: policies, what a request needs, and the verdict."""
