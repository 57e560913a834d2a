"""What every test stands on: this machine alone, and a practice account that really runs."""

from hypothesis import settings

pytest_plugins = (
    "tests.support.tracing",
    "tests.support.isolation",
    "tests.support.practice_account",
    "tests.support.scripted_aws",
    "tests.support.torch_port",
)

settings.register_profile("flightdeck", derandomize=True, deadline=None)
settings.load_profile("flightdeck")
