"""Many resources in a practice account's home before it starts: rows as its operations write them, of things that run
no more, so that nothing has to be started for them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from practice import ACCOUNT_ID, service_modules
from practice.clock import Clock
from practice.sagemaker import training_lifecycle, training_phases, training_requests
from practice.sagemaker.endpoint_lifecycle import KIND as ENDPOINT
from practice.sagemaker.notebook_instances import DEFAULTS
from practice.sagemaker.notebook_lifecycle import KIND as NOTEBOOK
from practice.store import Store
from practice.world import Door, World, arn

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/execution"


@contextmanager
def seeding(home: Path) -> Iterator[World]:
    """A world on the home of an account that does not run; all is on disk at the end."""
    service_modules.load()
    home.mkdir(parents=True, exist_ok=True)
    store = Store(home / "account.sqlite3")
    with store.transaction():
        yield World(home, store, Clock(), Door("", "", ""))
    store.close()


def notebooks(world: World, region: str, names: Iterable[str], owner: str = "kim") -> None:
    """Stopped notebook instances; without an owner, without a tag."""
    for name in names:
        document = {**DEFAULTS, "InstanceType": "ml.t3.medium", "RoleArn": ROLE, "Tags": _tags(owner)}
        world.add(NOTEBOOK, region, name, arn("sagemaker", region, f"notebook-instance/{name}"), document, "Stopped")


def endpoints(world: World, region: str, names: Iterable[str], config: str, owner: str = "kim") -> None:
    """Failed endpoints of a configuration that is made with them."""
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": "m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    path = arn("sagemaker", region, f"endpoint-config/{config}")
    world.add("endpoint-config", region, config, path, {"ProductionVariants": [variant], "Tags": []})
    for name in names:
        document = {"EndpointConfigName": config, "Variants": [], "Tags": _tags(owner)}
        world.add(ENDPOINT, region, name, arn("sagemaker", region, f"endpoint/{name}"), document, "Failed")


def training_jobs(
    world: World, region: str, names: Sequence[str], owner: str = "kim", over: timedelta = timedelta(0)
) -> None:
    """Jobs that have ended, one after the other `over` the time before now."""
    now = world.clock.now()
    for at, name in enumerate(names):
        request = training_requests.with_defaults(
            {
                "TrainingJobName": name,
                "RoleArn": ROLE,
                "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
                "OutputDataConfig": {"S3OutputPath": "s3://b/models"},
                "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            }
        )
        document = {"Request": request, "Tags": _tags(owner), **training_phases.phase("Completed")}
        path = arn("sagemaker", region, f"training-job/{name}")
        with world.clock.at(now - over * (1 - (at + 1) / len(names))):
            world.add(training_lifecycle.KIND, region, name, path, document, "Completed")


def _tags(owner: str) -> list[dict[str, str]]:
    return [{"Key": "flightdeck:owner", "Value": owner}] if owner else []
