"""Training jobs: create, describe, list, stop, delete."""

from practice.errors import ServiceError, validation_error
from practice.listing import listed, require, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker import training_phases as phases
from practice.sagemaker.limits import check_instance_quota
from practice.sagemaker.search import SEARCHED, Searched
from practice.sagemaker.training_lifecycle import ENDED, KIND
from practice.sagemaker.training_requests import check_inputs, check_offered, check_request, with_defaults
from practice.sagemaker.training_views import described, history, summary, whole
from practice.world import Resource

SEARCHED["TrainingJob"] = Searched(KIND, whole, history)


@operation("sagemaker", "CreateTrainingJob", live=True)
def create_training_job(context: Context, request: Request) -> Reply:
    name, world = request["TrainingJobName"], context.world
    arn = context.arn(f"training-job/{name.lower()}")
    check_request(context, request)
    _check_name(context, name, arn)
    # S3 is asked outside of the transaction: the call comes back through the door.
    check_inputs(context, request)
    kept = with_defaults(request)
    document = {
        "Request": kept,
        "Tags": request.get("Tags", []),
        "LivedCreated": phases.lived_seconds(world),
        **phases.phase("Starting"),
    }
    resources = kept["ResourceConfig"]
    usage = "spot_training" if kept["EnableManagedSpotTraining"] else "training"
    with world.store.transaction():
        _check_name(context, name, arn)
        check_instance_quota(context, usage, resources["InstanceType"], resources["InstanceCount"])
        check_offered(context, resources["InstanceType"])
        world.add(KIND, context.region, name, arn, document)
    return {"TrainingJobArn": arn}


@operation("sagemaker", "DescribeTrainingJob")
def describe_training_job(context: Context, request: Request) -> Reply:
    return described(context.world, _find(context, request))


@operation("sagemaker", "ListTrainingJobs")
def list_training_jobs(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request, sort_order="Ascending")
    if "WarmPoolStatusEquals" in request or "TrainingPlanArnEquals" in request:
        rows = []  # no job here has either
    return listed(rows, request, "TrainingJobSummaries", summary)


@operation("sagemaker", "StopTrainingJob")
def stop_training_job(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    if row.state != "InProgress":
        raise _wrong_state(row)
    context.world.move(row, "stop", phases.phase("Stopping"))
    return {}


@operation("sagemaker", "DeleteTrainingJob")
def delete_training_job(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    if row.state not in ENDED:
        raise _wrong_state(row)
    context.world.move(row, "delete")
    return {}


def _find(context: Context, request: Request) -> Resource:
    found = context.world.get(KIND, context.region, request["TrainingJobName"])
    return require(found, "Requested resource not found.")


def _check_name(context: Context, name: str, arn: str) -> None:
    if context.world.get(KIND, context.region, name) or context.world.by_arn(arn):
        raise ServiceError(
            "ResourceInUse",
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            f"already exists ({arn})",
        )


def _wrong_state(row: Resource) -> ServiceError:
    return validation_error(f"The request was rejected because the training job is in status {row.state}.")
