"""Practice accounts to measure and to look at: started fresh, filled by real API calls."""

import io
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

EXAMPLE = Path(__file__).parents[1] / "examples" / "sklearn_surveillance"
WAITING_JOB = Path(__file__).parent / "waiting_job"
BUCKET = "flightdeck-rehearsal"
ROLE = "arn:aws:iam::123456789012:role/service-role/FlightdeckExecution"
SKLEARN_IMAGE = f"366743142698.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
UNKNOWN_IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/not-registered:1"
JOB_SECONDS = 180
TRAINING_QUOTAS = {"L-611FA074": "ml.m5.large for training job usage", "L-00C91CB5": "all training jobs"}
APPROVAL_SECONDS = 48 * 3600
NONE: Mapping[str, str] = MappingProxyType({})
ENDED = frozenset({"Completed", "Failed", "Stopped"})


@contextmanager
def fresh_account() -> Iterator[Account]:
    """A practice account with an empty home and a bucket, ended afterwards."""
    with TemporaryDirectory(prefix="flightdeck-bench-") as folder:
        account = Account(Path(folder) / "practice")
        try:
            account.start()
            make_bucket(account)
            yield account
        finally:
            account.stop()


def make_bucket(account: Account) -> None:
    place = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)


def upload_source(account: Account, folder: Path = EXAMPLE) -> str:
    """Send a folder's scripts as a training job's source; returns its S3 URI."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path in sorted(folder.glob("*.py")):
            archive.add(path, path.name)
    key = f"source/{folder.name}/sourcedir.tar.gz"
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=packed.getvalue())
    return f"s3://{BUCKET}/{key}"


def create_training_job(
    sagemaker: Any, name: str, source: str, *, image: str = SKLEARN_IMAGE, hyperparameters: Mapping[str, str] = NONE
) -> None:
    """Start `train.py` of an uploaded source on one ml.m5.large."""
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=ROLE,
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        HyperParameters={"sagemaker_program": "train.py", "sagemaker_submit_directory": source, **hyperparameters},
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def await_training(sagemaker: Any, names: list[str], timeout: float = JOB_SECONDS) -> dict[str, str]:
    """The status every job ended with."""
    return eventually(
        lambda: {name: sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] for name in names},
        until=lambda statuses: ENDED.issuperset(statuses.values()),
        timeout=timeout,
    )


def raise_training_quotas(account: Account, instances: int) -> None:
    """Ask for more ml.m5.large training instances, and let the clock bring the approval."""
    quotas = account.client("service-quotas")
    for code in TRAINING_QUOTAS:
        quotas.request_service_quota_increase(ServiceCode="sagemaker", QuotaCode=code, DesiredValue=instances)
    account.advance(APPROVAL_SECONDS)
