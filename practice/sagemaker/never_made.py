"""What cannot be made in this account, so that there is none of it: the lists say so and are empty."""

from practice.operations import Context, Reply, Request, operation


@operation("sagemaker", "ListClusters")
def list_clusters(context: Context, request: Request) -> Reply:
    return {"ClusterSummaries": []}


@operation("sagemaker", "ListInferenceComponents")
def list_inference_components(context: Context, request: Request) -> Reply:
    return {"InferenceComponents": []}


@operation("sagemaker", "ListMlflowTrackingServers")
def list_mlflow_tracking_servers(context: Context, request: Request) -> Reply:
    return {"TrackingServerSummaries": []}


@operation("sagemaker", "ListTrainingPlans")
def list_training_plans(context: Context, request: Request) -> Reply:
    return {"TrainingPlanSummaries": []}
