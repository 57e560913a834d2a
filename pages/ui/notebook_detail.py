"""One notebook instance: what it is, what it costs, its history and log, and what can be done with it."""

import streamlit as st

from pages.ui import details, dialogs, launching, reads, session
from pages.ui.actions import Button, ask, confirm
from pages.ui.layout import figures
from pages.ui.text import escape, plain, t
from services import catalogue, notebook_plans, notebooks
from services.cloud import Cloud
from services.errors import NotFound
from services.notebooks import Notebook
from services.plans import Plan

STOP = Button("stop", "notebooks.stop", ":material/stop_circle:")
START = Button("start", "notebooks.start", ":material/play_circle:", primary=True)
DELETE = Button("delete", "notebooks.delete", ":material/delete:")


def draw_notebook(name: str) -> None:
    """Raises: DeckError."""
    cloud = session.cloud()
    details.back_link("notebooks")
    try:
        notebook = notebooks.get_notebook(cloud, name)
    except NotFound:
        details.missing("notebooks", name)
        return
    known = reads.current(cloud)
    details.head(notebook.name, notebook.status)
    with st.container(horizontal=True):
        _draw_actions(cloud, notebook)
    if notebook.failure:
        st.error(t("details.failure", reason=notebook.failure), icon=":material/error:")
    _draw_figures(cloud, name, notebook.status)
    history, log, configuration = st.tabs(
        [t("details.tab_history"), t("details.tab_log"), t("details.tab_configuration")]
    )
    with history:
        details.draw_history(cloud, known, notebook.arn, notebook.created)
    with log:
        details.draw_log(cloud, "notebook", name)
    with configuration:
        _draw_configuration(notebook)


@st.fragment(run_every=details.REFRESH)
def _draw_figures(cloud: Cloud, name: str, status: str) -> None:
    with session.shown_errors():
        known = reads.current(cloud)
        notebook = details.still(known.notebooks, name, status)
        if notebook is None:
            return
        guard = known.guards.get(notebook.arn)
        details.warn_unguarded(guard, runs=notebook.can_stop)
        figures(
            [
                details.burn_figure(notebook.burn, notebook.parts()),
                details.to_date_figure(cloud, known, notebook.arn, notebook.created),
                details.when_stopped_figure(notebook.parts(), "storage"),
                details.guard_figure(guard, known, runs=notebook.can_stop),
            ]
        )


def _draw_actions(cloud: Cloud, notebook: Notebook) -> None:
    """What fits its state."""
    if notebook.can_open:
        _draw_open(cloud, notebook)
    if notebook.can_stop:
        ask(cloud, lambda: notebook_plans.plan_stop(notebook), STOP)
    if notebook.can_start:
        ask(cloud, lambda: _start(notebook), START)
    if notebook.can_change:
        if st.button(t("notebooks.resize"), key="resize", icon=":material/aspect_ratio:"):
            dialogs.show(plain("plans.act_resize_notebook"), _resize, cloud, notebook)
        ask(cloud, lambda: notebook_plans.plan_delete(notebook), DELETE)


def _draw_open(cloud: Cloud, notebook: Notebook) -> None:
    """Two clicks, so that no page that is merely looked at carries a link that signs in."""
    if st.button(
        t("notebooks.open"), key="open", type="primary", icon=":material/open_in_new:", help=t("notebooks.open_help")
    ):
        url = notebooks.open_url(cloud, notebook.name)
        dialogs.show(plain("notebooks.open"), _show_link, notebook.name, url)


def _show_link(name: str, url: str) -> None:
    st.markdown(t("notebooks.open_help"))
    st.link_button(t("notebooks.open_now", name=name), url, type="primary", icon=":material/open_in_new:")


def _start(notebook: Notebook) -> Plan:
    where = launching.desk()
    around = launching.surroundings(where, notebooks.USAGE, notebook.instance_type, 1)
    return notebook_plans.plan_start(
        notebook, around, launching.DEFAULT_AUTO_STOP_HOURS, where.profile.scheduler_role_arn
    )


def _resize(cloud: Cloud, notebook: Notebook) -> None:
    specs = [spec.instance_type for spec in catalogue.instance_types(cloud.region, notebooks.COMPONENT)]
    now = specs.index(notebook.instance_type) if notebook.instance_type in specs else 0
    chosen = st.selectbox(t("launch.instance_type"), specs, index=now, key="resize_type")
    volume = st.number_input(
        t("launch.volume"),
        notebook.volume_gib or 5,
        notebook_plans.MAX_VOLUME_GIB,
        notebook.volume_gib or 5,
        key="resize_volume",
    )
    around = launching.surroundings(launching.desk(), notebooks.USAGE, chosen, 1)
    confirm(cloud, notebook_plans.plan_resize(notebook, chosen, int(volume), around))


def _draw_configuration(notebook: Notebook) -> None:
    rows = {
        "ARN": notebook.arn,
        plain("launch.instance_type"): notebook.instance_type,
        plain("launch.volume"): str(notebook.volume_gib or ""),
        "IAM": notebook.role_arn,
        plain("launch.repository"): notebook.repository,
    }
    st.table({escape(key): escape(value) for key, value in rows.items() if value})
