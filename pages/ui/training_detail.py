"""One training job: what it is at, what it billed, its metrics and log, and what can be done with it."""

import streamlit as st

from pages.ui import details, histories, launching, reads, session, show
from pages.ui.actions import Button, ask
from pages.ui.layout import Figure, figures, tabs
from pages.ui.text import escape, explain, plain, t
from services import training_plans, trainings
from services.cloud import Cloud
from services.errors import NotFound
from services.trainings import TrainingJob

STOP = Button("stop", "training.stop", ":material/stop_circle:", "plans.act_stop_training")


def draw_training(name: str) -> None:
    """Raises: DeckError."""
    cloud = session.cloud()
    details.back_link("training")
    try:
        job = trainings.get_training_job(cloud, name)
    except NotFound:
        details.missing(name)
        return
    details.head(job.name, job.status)
    with st.container(horizontal=True):
        if job.can_deploy:
            launching.link("endpoint", place="detail", job=job.name)
        if job.can_stop:
            ask(cloud, lambda: training_plans.plan_stop(job), STOP)
    if job.failure:
        st.error(t("details.failure", reason=job.failure), icon=":material/error:")
    _draw_figures(cloud, name, job.status)
    metrics, log, history, configuration = tabs(
        [t(f"details.tab_{tab}") for tab in ("metrics", "log", "history", "configuration")]
    )
    with metrics:
        details.draw_metrics(cloud, "training", name)
    with log:
        details.draw_log(cloud, "training", name)
    with history:
        histories.draw_history(cloud, reads.current(cloud), job.arn, job.created)
    with configuration:
        _draw_configuration(job)


@st.fragment(run_every=details.REFRESH)
def _draw_figures(cloud: Cloud, name: str, status: str) -> None:
    with session.shown_errors():
        known = reads.current(cloud)
        job = details.still(known.trainings, name, status)
        if job is None:
            return
        billable = plain("common.unknown") if job.billable_seconds is None else show.duration(job.billable_seconds)
        figures(
            [
                details.burn_figure(job.burn, job.parts()),
                details.to_date_figure(cloud, known, job.arn, job.created),
                Figure(plain("training.phase"), escape(job.secondary), help=plain("training.phase_help")),
                Figure(plain("training.billable"), billable, help=plain("training.billable_help")),
            ]
        )


def _draw_configuration(job: TrainingJob) -> None:
    details.draw_configuration(
        {
            plain("launch.instance_type"): f"{job.instance_count} × {job.instance_type}",
            plain("launch.volume"): str(job.volume_gib),
            plain("launch.max_run"): show.duration(job.max_run_seconds),
            plain("launch.spot"): plain("common.yes") if job.spot else "",
            plain("training.image"): job.image,
            plain("training.model"): job.model_uri,
            plain("tables.created"): show.exact(job.created),
            "ARN": job.arn,
        }
    )
    if job.hyperparameters:
        st.markdown(f"**{t('training.hyperparameters')}**", help=explain("hyperparameter"))
        details.draw_configuration(dict(job.hyperparameters))
