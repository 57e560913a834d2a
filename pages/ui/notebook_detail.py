"""One notebook instance: what it is, what it costs, its history and log, and what can be done with it."""

import streamlit as st

from pages.ui import auto_stops, details, dialogs, histories, launching, reads, session, show
from pages.ui.actions import Button, ask, ask_with, confirm
from pages.ui.layout import figures, tabs
from pages.ui.text import explain, plain, t
from services import catalogue, notebook_plans, notebooks
from services.cloud import Cloud
from services.errors import NotFound
from services.guard_plans import Guarded
from services.notebooks import Notebook

STOP = Button("stop", "notebooks.stop", ":material/stop_circle:", "plans.act_stop_notebook")
START = Button("start", "notebooks.start", ":material/play_circle:", "plans.act_start_notebook", primary=True)
RESIZE = Button("resize", "notebooks.resize", ":material/aspect_ratio:", "plans.act_resize_notebook")
DELETE = Button("delete", "notebooks.delete", ":material/delete:", "plans.act_delete_notebook")
OPEN = Button("open", "notebooks.open", ":material/open_in_new:", "notebooks.open", primary=True)


def draw_notebook(name: str) -> None:
    """Raises: DeckError."""
    cloud = session.cloud()
    details.back_link("notebooks")
    try:
        notebook = notebooks.get_notebook(cloud, name)
    except NotFound:
        details.missing(name)
        return
    known = reads.current(cloud)
    details.head(notebook.name, notebook.status)
    with st.container(horizontal=True):
        _draw_actions(cloud, notebook)
    if notebook.failure:
        st.error(t("details.failure", reason=notebook.failure), icon=":material/error:")
    _draw_figures(cloud, name, notebook.status)
    history, log, configuration = tabs([t("details.tab_history"), t("details.tab_log"), t("details.tab_configuration")])
    with history:
        histories.draw_history(cloud, known, notebook.arn, notebook.created)
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
        ask_with(OPEN, _open, cloud, notebook.name)
    if notebook.can_stop:
        ask(cloud, lambda: notebook_plans.plan_stop(notebook), STOP)
        target = Guarded("notebook", notebook.name, notebook.arn, notebook.region, notebook.parts(), ("storage",))
        auto_stops.offer(cloud, target)
    if notebook.can_start:
        ask_with(START, _start, cloud, notebook)
    if notebook.can_change:
        ask_with(RESIZE, _resize, cloud, notebook)
        ask(cloud, lambda: notebook_plans.plan_delete(notebook), DELETE)


def _open(cloud: Cloud, name: str) -> None:
    """Two clicks, so that no page that is merely looked at carries a link that signs in."""
    st.markdown(t("notebooks.open_help"))
    url = dialogs.once(lambda: notebooks.open_url(cloud, name, session.actor()))
    st.link_button(t("notebooks.open_now", name=name), url, type="primary", icon=":material/open_in_new:")


def _start(cloud: Cloud, notebook: Notebook) -> None:
    hours = launching.ask_auto_stop()
    around = launching.surroundings(cloud, notebooks.USAGE, notebook.instance_type, 1)
    role = launching.profile(cloud).scheduler_role
    confirm(cloud, notebook_plans.plan_start(notebook, around, hours, role))


def _resize(cloud: Cloud, notebook: Notebook) -> None:
    specs = [spec.instance_type for spec in catalogue.instance_types(cloud.region, notebooks.COMPONENT)]
    now = specs.index(notebook.instance_type) if notebook.instance_type in specs else 0
    chosen = st.selectbox(
        t("launch.instance_type"), specs, index=now, key=f"resize_type_{notebook.name}", help=explain("instance_type")
    )
    has = notebook.volume_gib or notebook_plans.MIN_VOLUME_GIB
    volume = st.number_input(
        t("launch.volume"),
        has,
        notebook_plans.MAX_VOLUME_GIB,
        has,
        key=f"resize_volume_{notebook.name}",
        help=t("launch.volume_help"),
    )
    around = launching.surroundings(cloud, notebooks.USAGE, chosen, 1)
    confirm(cloud, notebook_plans.plan_resize(notebook, chosen, int(volume), around))


def _draw_configuration(notebook: Notebook) -> None:
    details.draw_configuration(
        {
            plain("launch.instance_type"): notebook.instance_type,
            plain("launch.volume"): str(notebook.volume_gib or ""),
            plain("details.role"): notebook.role_arn,
            plain("launch.repository"): notebook.repository,
            plain("tables.created"): show.exact(notebook.created),
            "ARN": notebook.arn,
        }
    )
