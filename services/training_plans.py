"""Plans for training jobs: launch with the user's script, stop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services import planning, rates
from services.planning import Surroundings
from services.plans import Act, Call, Check, Effect, Plan, Severity, check_name, new_intent
from services.trainings import COMPONENT, TrainingJob

MAX_RUN_SECONDS = 28 * 24 * 3600
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html"""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of this machine that is uploaded for the job: `path` below the channel, from `file`."""

    channel: str
    path: str
    file: Path


@dataclass(frozen=True, slots=True)
class TrainingWish:
    """What a user asks for in the launch form."""

    name: str
    region: str
    instance_type: str
    instance_count: int
    volume_gib: int
    max_run_seconds: int
    role_arn: str
    image: str
    entry_point: str
    bucket: str
    source: Path
    """A packed source folder (`sourcedir.tar.gz`) on this machine."""
    source_digest: str
    """Names the uploaded object: the same source is uploaded to the same key."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """Channel → s3:// URI of data that is there already."""
    uploads: tuple[Upload, ...] = ()
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[tuple[str, str], ...] = ()
    """(name, regular expression) of what to read from the log."""
    distributed: bool = False
    """Start the script on every host by torchrun."""
    spot: bool = False
    max_wait_seconds: int | None = None
    example: str = ""
    """The shipped example it is, if it is one."""
    make_bucket: bool = False
    """The bucket is not there yet: make it first."""


def plan_launch(wish: TrainingWish, surroundings: Surroundings, intent: str = "") -> Plan:
    """What launching does: the uploads, the exact request, and the most it can cost (all hosts, the longest run)."""
    intent = intent or new_intent()
    parts = rates.known(
        rates.instance_part(wish.region, wish.instance_type, COMPONENT, wish.instance_count),
        rates.storage_part(wish.region, wish.volume_gib, wish.instance_count),
    )
    request = _create_request(wish, intent, surroundings)
    plan = Plan(
        act=Act.LAUNCH,
        kind="training",
        name=wish.name,
        region=wish.region,
        calls=(*_bucket_calls(wish), *_upload_calls(wish), Call("sagemaker", "create_training_job", request)),
        effect=planning.launch_effect(parts, wish.max_run_seconds / 3600),
        checks=(
            *check_name(wish.name),
            *_check_limits(wish),
            *planning.check_type(wish.region, wish.instance_type, COMPONENT, surroundings),
            *planning.check_volume_key(surroundings, wish.instance_type),
        ),
        quota=surroundings.quota,
        prices=parts,
        intent=intent,
    )
    return planning.within(plan, surroundings)


def plan_stop(job: TrainingJob) -> Plan:
    """Stop a job: what its model folder and checkpoints hold is uploaded first."""
    return Plan(
        act=Act.STOP,
        kind="training",
        name=job.name,
        region=job.region,
        calls=(Call("sagemaker", "stop_training_job", {"TrainingJobName": job.name}),),
        effect=Effect(
            saves_usd_per_hour=rates.total(job.parts()), keeps=("model_so_far",), loses=("training_progress",)
        ),
    )


def _check_limits(wish: TrainingWish) -> tuple[Check, ...]:
    checks = []
    if not 1 <= wish.max_run_seconds <= MAX_RUN_SECONDS:
        checks.append(Check(Severity.REFUSAL, "max_run", {"most_days": MAX_RUN_SECONDS // 86400}))
    if wish.spot and (wish.max_wait_seconds or 0) < wish.max_run_seconds:
        checks.append(Check(Severity.REFUSAL, "max_wait"))
    if wish.spot:
        checks.append(Check(Severity.NOTE, "spot_saving_unknown"))
    if wish.make_bucket:
        checks.append(Check(Severity.NOTE, "bucket_made", {"bucket": wish.bucket}))
    return tuple(checks)


def _bucket_calls(wish: TrainingWish) -> tuple[Call, ...]:
    if not wish.make_bucket:
        return ()
    request: dict[str, Any] = {"Bucket": wish.bucket}
    if wish.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": wish.region}
    return (Call("s3", "create_bucket", request),)


def _upload_calls(wish: TrainingWish) -> tuple[Call, ...]:
    source = {"Filename": str(wish.source), "Bucket": wish.bucket, "Key": _source_key(wish)}
    data = [
        {"Filename": str(one.file), "Bucket": wish.bucket, "Key": f"{_prefix(wish)}/input/{one.channel}/{one.path}"}
        for one in wish.uploads
    ]
    return tuple(Call("s3", "upload_file", request) for request in (source, *data))


def _prefix(wish: TrainingWish) -> str:
    return f"flightdeck/jobs/{wish.name}"


def _source_key(wish: TrainingWish) -> str:
    return f"flightdeck/source/{wish.source_digest}/sourcedir.tar.gz"


def _create_request(wish: TrainingWish, intent: str, surroundings: Surroundings) -> dict[str, Any]:
    uploaded = {one.channel: f"s3://{wish.bucket}/{_prefix(wish)}/input/{one.channel}/" for one in wish.uploads}
    channels = [_channel(name, uri) for name, uri in {**wish.inputs, **uploaded}.items()]
    stopping = {"MaxRuntimeInSeconds": wish.max_run_seconds}
    if wish.spot:
        stopping["MaxWaitTimeInSeconds"] = wish.max_wait_seconds or wish.max_run_seconds
    return {
        "TrainingJobName": wish.name,
        "RoleArn": wish.role_arn,
        "AlgorithmSpecification": {
            "TrainingImage": wish.image,
            "TrainingInputMode": "File",
            **_if_any("MetricDefinitions", [{"Name": name, "Regex": regex} for name, regex in wish.metrics]),
        },
        "HyperParameters": _hyperparameters(wish),
        **_if_any("InputDataConfig", channels),
        "OutputDataConfig": {
            "S3OutputPath": f"s3://{wish.bucket}/flightdeck/jobs",
            **_if_any("KmsKeyId", surroundings.profile.kms_key if surroundings.profile else ""),
        },
        "ResourceConfig": {
            "InstanceType": wish.instance_type,
            "InstanceCount": wish.instance_count,
            "VolumeSizeInGB": wish.volume_gib,
            **_if_any("VolumeKmsKeyId", planning.volume_key(surroundings, wish.instance_type)),
        },
        **planning.vpc_config(surroundings),
        "StoppingCondition": stopping,
        "EnableManagedSpotTraining": wish.spot,
        "Tags": planning.marks(intent, surroundings, wish.example),
    }


def _hyperparameters(wish: TrainingWish) -> dict[str, str]:
    """Script mode of AWS's framework images (github.com/aws/sagemaker-training-toolkit); its own values are JSON."""
    own = {
        "sagemaker_program": f'"{wish.entry_point}"',
        "sagemaker_submit_directory": f'"s3://{wish.bucket}/{_source_key(wish)}"',
        "sagemaker_region": f'"{wish.region}"',
        **({"sagemaker_torch_distributed_enabled": "true"} if wish.distributed else {}),
    }
    return {**wish.hyperparameters, **own}


def _channel(name: str, uri: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def _if_any(member: str, value: Any) -> dict[str, Any]:
    return {member: value} if value else {}
