"""Training jobs in tests: a bucket, a script, a request, and what became of it."""

import io
import tarfile
import textwrap
from dataclasses import dataclass, field
from typing import Any

from tests.support.local_account import Local
from tests.support.waiting import eventually

BUCKET = "training-data"
IMAGE = "366743142698.dkr.ecr.ap-northeast-2.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
ROLE = "arn:aws:iam::123456789012:role/Trainer"
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
ENDED = ("Completed", "Failed", "Stopped")

HELLO = """
print("hello from the script")
"""
WAIT = """
import signal, sys, time
from pathlib import Path
def saved(number, frame):
    Path("/opt/ml/model/saved.txt").write_text("saved in time")
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, saved)
print("waiting", flush=True)
time.sleep(300)
"""


def archive(**files: str) -> bytes:
    """A gzipped tar of texts by name; a `__` in a name is a dot."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            content = textwrap.dedent(text).encode()
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@dataclass
class Trainings:
    """Training jobs of one account in this process."""

    local: Local
    clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = self.local.client(service)
        return self.clients[service]

    @property
    def sagemaker(self) -> Any:
        return self.client("sagemaker")

    @property
    def s3(self) -> Any:
        return self.client("s3")

    def restart(self) -> None:
        """End the account and start it again on its home."""
        self.local.restart()
        self.clients.clear()

    def put(self, **objects: str | bytes) -> None:
        """Put objects by key; a `__` in a name is a slash, a `_dot_` a dot."""
        for name, body in objects.items():
            self.s3.put_object(Bucket=BUCKET, Key=name.replace("__", "/").replace("_dot_", "."), Body=body)

    def keys(self, prefix: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        return [item["Key"] for item in found]

    def unpacked(self, key: str) -> dict[str, str]:
        """The files of a gzipped tar in S3."""
        body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as tar:
            files = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
            return {name: content.read().decode() for name, content in files.items() if content is not None}

    def create(self, name: str, script: str = HELLO, **changes: Any) -> str:
        """Create a job that runs the script; returns its ARN."""
        self.s3.put_object(Bucket=BUCKET, Key=f"source/{name}.tar.gz", Body=archive(train__py=script))
        arn: str = self.sagemaker.create_training_job(**request(name, **changes))["TrainingJobArn"]
        return arn

    def begin(self, name: str, script: str = HELLO, **changes: Any) -> None:
        """Create a job, and advance the clock over its start."""
        self.create(name, script, **changes)
        self.local.advance(seconds=2)

    def run(self, name: str, script: str = HELLO, **changes: Any) -> dict[str, Any]:
        """Create a job and describe it once it has ended."""
        self.begin(name, script, **changes)
        return self.ended(name)

    def describe(self, name: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.sagemaker.describe_training_job(TrainingJobName=name)
        return answer

    def ended(self, name: str, timeout: float = 60) -> dict[str, Any]:
        return eventually(
            lambda: self.describe(name), until=lambda job: job["TrainingJobStatus"] in ENDED, timeout=timeout
        )

    def training(self, name: str) -> dict[str, Any]:
        """The job once its script runs."""
        return eventually(lambda: self.describe(name), until=lambda job: job["SecondaryStatus"] == "Training")

    def said(self, name: str, host: int = 1) -> list[str]:
        """The log of one host."""
        logs = self.client("logs")
        try:
            streams = logs.describe_log_streams(logGroupName=LOG_GROUP, logStreamNamePrefix=f"{name}/algo-{host}-")
        except logs.exceptions.ResourceNotFoundException:
            return []
        found = [stream["logStreamName"] for stream in streams["logStreams"]]
        if not found:
            return []
        events = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=found[0], startFromHead=True)["events"]
        return [event["message"] for event in events]

    def saying(self, name: str, words: str) -> None:
        """Wait until the job's log has a line of these words."""
        eventually(lambda: words in self.said(name))


def request(name: str, **changes: Any) -> dict[str, Any]:
    """A whole request of CreateTrainingJob. `hyperparameters`, `channels` and `resources` add to or replace parts."""
    own = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f"s3://{BUCKET}/source/{name}.tar.gz"}
    algorithm = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
    channels = {"InputDataConfig": changes.pop("channels")} if "channels" in changes else {}
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {**algorithm, **changes.pop("algorithm", {})},
        "HyperParameters": {**own, **changes.pop("hyperparameters", {})},
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "ResourceConfig": {**resources, **changes.pop("resources", {})},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **channels,
        **changes,
    }


def channel(name: str, key: str, **changes: Any) -> dict[str, Any]:
    """A channel of an S3 prefix; members of its S3DataSource and of its own."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{key}"}
    own: dict[str, Any] = {member: changes.pop(member) for member in ("InputMode", "ContentType") if member in changes}
    return {"ChannelName": name, "DataSource": {"S3DataSource": {**source, **changes}}, **own}
