"""What launches need besides the user's choice: roles and the bucket. One profile an account."""

from dataclasses import dataclass

from services.cloud import Account


@dataclass(frozen=True, slots=True)
class LaunchProfile:
    """Execution role, the role EventBridge Scheduler assumes for auto-stop, and the bucket for sources and models."""

    role_arn: str
    scheduler_role_arn: str
    bucket: str


def practice_profile(account: Account, region: str) -> LaunchProfile:
    """A practice account takes any well-formed role of its own; the bucket is named as the SageMaker SDK names it."""
    role = f"arn:aws:iam::{account.account_id}:role/flightdeck"
    return LaunchProfile(f"{role}-execution", f"{role}-scheduler", f"sagemaker-{region}-{account.account_id}")
