"""The launch form of an endpoint: the model of a finished job, or one that lies in S3."""

import streamlit as st

from pages.ui import instance_types, launching, reads
from pages.ui.launching import Desk
from pages.ui.layout import empty_state
from pages.ui.text import explain, t
from pages.ui.urls import choice
from services import catalogue, endpoint_plans, endpoints, images
from services.endpoint_plans import EndpointWish
from services.known import Inventory
from services.trainings import TrainingJob

DEFAULT_TYPE = "ml.m5.large"
SCRIPT = "inference.py"
JOB = "job"


def draw(where: Desk) -> None:
    jobs = _deployable(reads.current(where.cloud))
    if not jobs or st.query_params.get(JOB, next(iter(jobs))) not in jobs:
        # This page does not refresh by itself: a job that has just ended must not be missed.
        jobs = _deployable(reads.fresh(where.cloud))
    if not jobs:
        with empty_state(":material/model_training:", t("launch.no_model")):
            launching.link("training")
        return
    form, review = st.columns([3, 2], gap="large")
    with form:
        job = jobs[_choose_job(list(jobs))]
        name = st.text_input(t("launch.name"), f"endpoint-{where.suffix}", key="endpoint_name", max_chars=63)
        chosen = instance_types.choose(where, endpoints.COMPONENT, endpoints.USAGE, DEFAULT_TYPE)
        count = st.number_input(t("launch.count"), 1, 20, 1, key="endpoint_count", help=t("launch.count_help"))
        hours = launching.auto_stop()
        tags = launching.ask_tags(where.cloud)
        with st.expander(t("launch.more"), icon=":material/tune:"):
            script = st.text_input(
                t("launch.inference"), SCRIPT, key="endpoint_script", help=t("launch.inference_help")
            )
    wish = EndpointWish(
        name=name.strip(),
        region=where.cloud.region,
        instance_type=chosen,
        instance_count=int(count),
        role_arn=where.profile.execution_role,
        image=_image(job, where.cloud.region, chosen),
        model_uri=job.model_uri,
        environment=_environment(job, script.strip()),
        auto_stop_hours=hours,
        scheduler_role_arn=where.profile.scheduler_role,
        example=job.example,
    )
    with review:
        around = launching.surroundings(where.cloud, endpoints.USAGE, chosen, int(count), tags)
        launching.review_and_send(where, endpoint_plans.plan_launch(wish, around, where.intent), "pages/endpoints.py")


def _deployable(known: Inventory) -> dict[str, TrainingJob]:
    return {job.name: job for job in known.trainings if job.can_deploy}


def _choose_job(names: list[str]) -> str:
    return choice(
        t("launch.job"),
        names,
        key=JOB,
        default=names[0],
        format_func=str,
        labelled=True,
        help=explain("training_job"),
    )


def _image(job: TrainingJob, region: str, instance_type: str) -> str:
    gpu = catalogue.instance_type(instance_type).gpu_count > 0
    return images.serving_image(job.image, region, gpu=gpu)


def _environment(job: TrainingJob, script: str) -> dict[str, str]:
    """The job's own source serves its model: script mode of AWS's framework images."""
    source = job.hyperparameters.get("sagemaker_submit_directory", "").strip('"')
    if not source or not script:
        return {}
    return {"SAGEMAKER_PROGRAM": script, "SAGEMAKER_SUBMIT_DIRECTORY": source, "SAGEMAKER_REGION": job.region}
