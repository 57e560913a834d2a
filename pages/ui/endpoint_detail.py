"""One endpoint: what serves, what it costs, a request to try, its log and metrics; and what can be restored."""

import json
from functools import partial

import streamlit as st

from pages.ui import auto_stops, details, histories, launching, reads, session, show
from pages.ui.actions import Button, ask, ask_with, confirm
from pages.ui.layout import figures, tabs
from pages.ui.text import escape, plain, t
from services import endpoint_plans, endpoints, examples
from services.cloud import Cloud
from services.endpoints import Endpoint, Prediction, Restorable
from services.errors import NotFound
from services.guard_plans import Guarded
from services.known import Inventory

STOP = Button("stop", "endpoints.stop", ":material/stop_circle:", "plans.act_stop_endpoint")
CONTENT_TYPES = ("application/json", "text/csv", "application/x-npy")
_ANSWER = "endpoint_answer"


def draw_endpoint(name: str) -> None:
    """Raises: DeckError."""
    cloud = session.cloud()
    details.back_link("endpoints")
    try:
        endpoint = endpoints.get_endpoint(cloud, name)
    except NotFound:
        details.missing(name)
        return
    known = reads.current(cloud)
    details.head(endpoint.name, endpoint.status)
    with st.container(horizontal=True):
        if endpoint.can_stop:
            ask(cloud, lambda: endpoint_plans.plan_stop(endpoint), STOP)
            auto_stops.offer(cloud, Guarded("endpoint", endpoint.name, endpoint.arn, endpoint.region, endpoint.parts()))
    if endpoint.failure:
        st.error(t("details.failure", reason=endpoint.failure), icon=":material/error:")
    _draw_figures(cloud, name, endpoint.status)
    tries, metrics, log, history, configuration = tabs(
        [t(f"details.tab_{tab}") for tab in ("try", "metrics", "log", "history", "configuration")]
    )
    with tries:
        _draw_try(cloud, endpoint)
    with metrics:
        details.draw_metrics(cloud, "endpoint", name)
    with log:
        details.draw_log(cloud, "endpoint", name)
    with history:
        histories.draw_history(cloud, known, endpoint.arn, endpoint.created)
    with configuration:
        _draw_configuration(endpoint)


@st.fragment(run_every=details.REFRESH)
def _draw_figures(cloud: Cloud, name: str, status: str) -> None:
    with session.shown_errors():
        known = reads.current(cloud)
        endpoint = details.still(known.endpoints, name, status)
        if endpoint is None:
            return
        guard = known.guards.get(endpoint.arn)
        details.warn_unguarded(guard, runs=endpoint.can_invoke)
        figures(
            [
                details.burn_figure(endpoint.burn, endpoint.parts()),
                details.to_date_figure(cloud, known, endpoint.arn, endpoint.created),
                details.when_stopped_figure(endpoint.parts()),
                details.guard_figure(guard, known, runs=endpoint.can_invoke),
            ]
        )


def _draw_try(cloud: Cloud, endpoint: Endpoint) -> None:
    if session.read_only():
        st.info(t("endpoints.try_read_only"), icon=":material/lock:")
        return
    if not endpoint.can_invoke:
        st.info(t("endpoints.try_later"), icon=":material/hourglass_empty:")
        return
    body, content_type = _sample(endpoints.example_of(cloud, endpoint))
    with st.form("try", border=False):
        payload = st.text_area(t("endpoints.payload"), body, key=f"payload_{endpoint.name}", height=200)
        kinds = list(dict.fromkeys((content_type, *CONTENT_TYPES)))
        kind = st.selectbox(t("endpoints.content_type"), kinds, key=f"content_type_{endpoint.name}")
        sent = st.form_submit_button(t("endpoints.invoke"), type="primary", icon=":material/send:")
    if sent:
        with session.shown_errors(), st.spinner(t("endpoints.invoking")):
            answer = endpoints.invoke(cloud, endpoint.name, payload.encode(), kind, session.actor())
            st.session_state[_ANSWER] = (endpoint.name, answer)
    name, answer = st.session_state.get(_ANSWER, ("", None))
    if answer is not None and name == endpoint.name:
        _draw_answer(answer)


def _sample(name: str) -> tuple[str, str]:
    """The sample request of the example whose model is served: (body, content type)."""
    try:
        example = examples.get_example(name) if name else None
    except NotFound:
        example = None
    if example is None or example.serve is None:
        return "[[1, 2, 3]]", CONTENT_TYPES[0]
    return example.serve.payload.strip(), example.serve.content_type


def _draw_answer(answer: Prediction) -> None:
    milliseconds = f"{answer.seconds * 1000:,.0f}"
    st.markdown(t("endpoints.answered", variant=answer.variant, milliseconds=milliseconds))
    text = answer.body.decode(errors="replace")
    try:
        st.code(json.dumps(json.loads(text), indent=2, ensure_ascii=False), language="json")
    except json.JSONDecodeError:
        st.code(text, language=None)


def _draw_configuration(endpoint: Endpoint) -> None:
    rows = {plain("endpoints.config"): endpoint.config}
    for variant in endpoint.variants:
        rows[plain("endpoints.variant", name=variant.name)] = plain(
            "endpoints.variant_words",
            count=variant.instance_count,
            instance_type=variant.instance_type,
            model=variant.model,
            weight=f"{variant.weight:g}",
        )
    details.draw_configuration({**rows, plain("tables.created"): show.exact(endpoint.created), "ARN": endpoint.arn})


def draw_restorables(known: Inventory) -> None:
    """Endpoints that were stopped, each with a click to have it again."""
    if not known.restorables:
        return
    st.header(t("endpoints.restorable"), help=t("endpoints.restorable_help"), anchor=False)
    for row in known.restorables:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            types = ", ".join(f"{v.instance_count} × {v.instance_type}" for v in row.variants)
            made = t("endpoints.made", when=show.ago(row.created, known.at))
            st.markdown(f"**{escape(row.name)}** · {escape(types)} · {made}", width="content")
            with st.container(horizontal=True, width="content"):
                restore = Button(
                    f"restore_{row.name}", "endpoints.restore", ":material/restore:", "plans.act_start_endpoint", True
                )
                ask_with(restore, _restore, row)
                delete = Button(
                    f"delete_{row.name}", "endpoints.delete", ":material/delete:", "plans.act_delete_endpoint"
                )
                ask(session.cloud(), partial(endpoint_plans.plan_delete, row), delete)


def _restore(row: Restorable) -> None:
    cloud, first = session.cloud(), row.variants[0]
    hours = launching.ask_auto_stop()
    tags = launching.ask_tags(cloud)
    around = launching.surroundings(cloud, endpoints.USAGE, first.instance_type, first.instance_count, tags)
    role = launching.profile(cloud).scheduler_role
    confirm(cloud, endpoint_plans.plan_restore(row, around, hours, role))
