"""The launch form of a notebook instance."""

import streamlit as st

from pages.ui import instance_types, launching
from pages.ui.launching import Desk
from pages.ui.text import t
from services import notebook_plans, notebooks
from services.notebook_plans import MAX_VOLUME_GIB, MIN_VOLUME_GIB, NotebookWish

DEFAULT_TYPE = "ml.t3.medium"


def draw(where: Desk) -> None:
    form, review = st.columns([3, 2], gap="large")
    with form:
        name = st.text_input(t("launch.name"), f"notebook-{where.suffix}", key="notebook_name", max_chars=63)
        chosen = instance_types.choose(where, notebooks.COMPONENT, notebooks.USAGE, DEFAULT_TYPE)
        volume = st.number_input(
            t("launch.volume"), MIN_VOLUME_GIB, MAX_VOLUME_GIB, 20, key="notebook_volume", help=t("launch.volume_help")
        )
        hours = launching.auto_stop()
        tags = launching.ask_tags(where.cloud)
        with st.expander(t("launch.more"), icon=":material/tune:"):
            repository = st.text_input(
                t("launch.repository"), key="notebook_repository", help=t("launch.repository_help")
            )
    wish = NotebookWish(
        name=name.strip(),
        region=where.cloud.region,
        instance_type=chosen,
        volume_gib=int(volume),
        role_arn=where.profile.execution_role,
        auto_stop_hours=hours,
        scheduler_role_arn=where.profile.scheduler_role,
        repository=repository.strip(),
    )
    with review:
        around = launching.surroundings(where.cloud, notebooks.USAGE, chosen, 1, tags)
        launching.review_and_send(where, notebook_plans.plan_launch(wish, around, where.intent), "pages/notebooks.py")
