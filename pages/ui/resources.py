"""The page of a kind of resource: its list, drawn anew by itself, and the detail of the one in the URL (`?name=`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui import launching, reads, session, uses
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.palette import Tone
from pages.ui.tables import open_one
from pages.ui.text import explain, plain, t
from services.known import Inventory

CHOSEN = "name"
REFRESH = "3s"


TERMS = {"notebook": "notebook_instance", "training": "training_job", "endpoint": "endpoint"}
"""Kind → its word in the glossary."""


@dataclass(frozen=True, slots=True)
class ResourcePage:
    """How one kind is shown. `page` names its words (`<page>.title`, `.none`, ...) and its source in the inventory."""

    page: str
    kind: str
    """`notebook`, `training`, `endpoint`: which form launches one."""
    icon: str
    source: str
    rows: Callable[[Inventory], Sequence[Any]]
    columns: tuple[Column, ...]
    figures: Callable[[Inventory], Sequence[Figure]]
    sentence: Callable[[Inventory], str]
    """What is true now, in one sentence."""
    sort: str = ""
    guarded: Callable[[Any], bool] | None = None
    """Which rows an auto-stop should watch over; a column says whether it does."""
    used: Callable[[Any], bool] | None = None
    """Of which rows a column says whether they are used."""
    below: Callable[[Inventory], None] = lambda known: None
    """What else belongs under the list."""


def draw(page: ResourcePage, detail: Callable[[str], None]) -> None:
    """The list, or the detail of what the URL names."""
    chosen = st.query_params.get(CHOSEN)
    if chosen:
        with session.shown_errors():
            detail(chosen)
        return
    _list(page)


@st.fragment(run_every=REFRESH)
def _list(page: ResourcePage) -> None:
    with session.shown_errors():
        known = reads.here()
        with page_header(t(f"{page.page}.title"), page.sentence(known), help=explain(TERMS[page.kind])):
            launching.link(page.kind)
        session.show_failures(known, page.source, *(("invocations",) if page.used else ()))
        rows = page.rows(known)
        if not rows:
            with empty_state(page.icon, t(f"{page.page}.none")):
                launching.link(page.kind, place="empty")
        else:
            figures(page.figures(known))
            columns = (*page.columns, _owner_column(known), *_guard_column(page, known), *_use_column(page, known))
            opened = open_one(rows, columns, key=page.page, what=plain(f"{page.page}.title"), sort=page.sort)
            if opened is not None:
                st.query_params[CHOSEN] = opened.name
                st.rerun(scope="app")
        page.below(known)


def _owner_column(known: Inventory) -> Column:
    """The person in the owner tag, else who created it."""
    nobody = plain("overview.no_owner")
    return Column(
        "owner",
        "tables.owner",
        help="tables.owner_help",
        value=lambda row: known.owners.get(row.arn) or nobody,
    )


def _guard_column(page: ResourcePage, known: Inventory) -> tuple[Column, ...]:
    """Whether each row is guarded, once the schedules were read."""
    needs = page.guarded
    if needs is None or "guards" not in known.read_at:
        return ()

    guarded, open_ended, unneeded = (
        plain("details.guarded"),
        plain("details.not_guarded"),
        plain("details.needs_no_guard"),
    )

    def words(row: Any) -> str:
        if row.arn in known.guards:
            return guarded
        return open_ended if needs(row) else unneeded

    def tone(row: Any) -> Tone:
        return Tone.HEALTHY if row.arn in known.guards else Tone.FAILED if needs(row) else Tone.GONE

    return (Column("guard", "details.auto_stop", Kind.STATE, help="glossary.guarded", value=words, tone=tone),)


def _use_column(page: ResourcePage, known: Inventory) -> tuple[Column, ...]:
    """Whether each running row is used, as far as anything tells."""
    asks = page.used
    if asks is None:
        return ()

    def words(row: Any) -> str:
        return uses.words(known.idle(row.arn), known.at) if asks(row) else ""

    return (Column("use", "uses.column", help="uses.column_help", value=words),)
