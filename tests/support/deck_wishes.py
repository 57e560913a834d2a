"""A practice account as the deck's services see it, and what a user might wish for there."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from services import clocks, endpoint_plans, inventory, notebook_plans, quotas, training_plans
from services.access import Actor, Role
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud
from services.endpoint_plans import EndpointWish
from services.notebook_plans import NotebookWish
from services.planning import Surroundings
from services.plans import Plan
from services.profiles import LaunchProfile
from services.training_plans import TrainingWish
from tests.support.practice_account import REGION, Account
from tests.support.served_models import register_image

ACCOUNT_ID = "123456789012"
EXECUTION = f"arn:aws:iam::{ACCOUNT_ID}:role/execution"
SCHEDULER = f"arn:aws:iam::{ACCOUNT_ID}:role/scheduler"
BUCKET = f"sagemaker-{REGION}-{ACCOUNT_ID}"
ECHO = f"{ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com/echo:1"
SKLEARN = f"366743142698.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"

PROFILE = LaunchProfile(EXECUTION, SCHEDULER, BUCKET)

KIM = Actor("kim", Role.OPERATOR)
ADMIN = Actor("choi", Role.ADMIN)
VIEWER = Actor("lee", Role.VIEWER)


def deck_account(practice: Account) -> DeckAccount:
    """The account with the keys that the deck would read from its home."""
    return DeckAccount(
        AccountKind.PRACTICE, ACCOUNT_ID, "practice", practice.url, practice.access_key, practice.secret_key
    )


def cloud_of(practice: Account, region: str = REGION) -> Cloud:
    return Cloud(deck_account(practice), region)


def surroundings(cloud: Cloud) -> Surroundings:
    """What a plan needs to know; of quotas, that nothing is known."""
    return Surroundings(clocks.read_clock(cloud.account).now, ACCOUNT_ID, KIM.name, None)


def looked_around(cloud: Cloud, usage: str, instance_type: str, needs: int = 1) -> Surroundings:
    """The same with the tightest quota, read from the account as the launch page does."""
    known = inventory.take(cloud)
    quota = quotas.tightest(dict(known.limits), inventory.in_use(known), usage, instance_type, needs)
    return replace(surroundings(cloud), quota=quota)


def notebook_plan(cloud: Cloud, name: str, intent: str = "", **changes: Any) -> Plan:
    """A launch of a small notebook instance."""
    wish = NotebookWish(name, cloud.region, "ml.t3.medium", 5, EXECUTION, 8.0, SCHEDULER)
    return notebook_plans.plan_launch(replace(wish, **changes), surroundings(cloud), intent)


def endpoint_wish(name: str, **changes: Any) -> EndpointWish:
    """An endpoint that echoes what it is asked."""
    model = f"s3://{BUCKET}/echo/model.tar.gz"
    wish = EndpointWish(
        name, REGION, "ml.m5.large", 1, EXECUTION, ECHO, model, {"NAME": name}, 8.0, scheduler_role_arn=SCHEDULER
    )
    return replace(wish, **changes)


def endpoint_plan(cloud: Cloud, name: str, intent: str = "", **changes: Any) -> Plan:
    return endpoint_plans.plan_launch(endpoint_wish(name, **changes), surroundings(cloud), intent)


def training_wish(folder: Path, name: str, script: str, **changes: Any) -> TrainingWish:
    """A training job that runs `script`; its source is packed into `folder`."""
    source = folder / f"{name}.tar.gz"
    with tarfile.open(source, "w:gz") as tar:
        member = tarfile.TarInfo("train.py")
        member.size = len(script.encode())
        tar.addfile(member, io.BytesIO(script.encode()))
    wish = TrainingWish(
        name=name,
        region=REGION,
        instance_type="ml.m5.large",
        instance_count=1,
        volume_gib=5,
        max_run_seconds=600,
        role_arn=EXECUTION,
        image=SKLEARN,
        entry_point="train.py",
        bucket=BUCKET,
        source=source,
        source_digest=name,
    )
    return replace(wish, **changes)


def training_plan(cloud: Cloud, wish: TrainingWish, intent: str = "") -> Plan:
    return training_plans.plan_launch(wish, surroundings(cloud), intent)


def unserved_plan(cloud: Cloud, name: str, intent: str = "", **changes: Any) -> Plan:
    """An endpoint's model, configuration and guard without the endpoint: all that is made at once and runs nothing."""
    plan = endpoint_plan(cloud, name, intent, **changes)
    return replace(plan, calls=tuple(call for call in plan.calls if call.method != "create_endpoint"))


def put_echo_model(practice: Account) -> None:
    """The echoing image, and a model archive where `endpoint_wish` looks for it."""
    register_image(practice)
    s3 = practice.client("s3")
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("model.txt")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))
    s3.put_object(Bucket=BUCKET, Key="echo/model.tar.gz", Body=archive.getvalue())
