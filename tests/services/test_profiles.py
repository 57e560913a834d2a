"""What a launch needs besides the wish."""

from services import buckets
from services.cloud import Cloud
from services.profiles import practice_profile
from tests.support.deck_wishes import ACCOUNT_ID, put_echo_model
from tests.support.practice_account import REGION, Account


def test_the_practice_account_needs_no_preparation() -> None:
    profile = practice_profile(ACCOUNT_ID, REGION)
    assert profile.makes_bucket
    assert profile.bucket == f"sagemaker-{REGION}-{ACCOUNT_ID}"
    assert all(
        role.startswith(f"arn:aws:iam::{ACCOUNT_ID}:role/") for role in (profile.execution_role, profile.scheduler_role)
    )


def test_whether_a_bucket_is_there(shared_practice: Account, shared_cloud: Cloud) -> None:
    assert not buckets.exists(shared_cloud, "nobody-has-this-bucket")
    put_echo_model(shared_practice)
    assert buckets.exists(shared_cloud, f"sagemaker-{REGION}-{ACCOUNT_ID}")
