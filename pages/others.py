"""Other resources: what spends beside notebooks, training jobs and endpoints, and a way to stop Studio apps."""

from collections.abc import Iterable

import streamlit as st

from pages.ui import dialogs, guard, reads, session, show, uses
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.other_detail import draw_other
from pages.ui.tables import open_one
from pages.ui.text import escape, explain, plain, t
from services.known import Inventory
from services.rates import ZERO
from services.spenders import Billing, Spender, SpenderKind

guard.require_entry()

REFRESH = "3s"


def _columns(known: Inventory) -> tuple[Column, ...]:
    return (
        Column("name", "tables.name", Kind.NAME),
        Column("kind", "tables.kind", value=lambda row: plain(f"launch.kind_{row.kind}")),
        Column("owner", "tables.owner", value=lambda row: row.owner or plain("overview.no_owner")),
        Column("status", "tables.state", Kind.STATE),
        Column("usd_per_hour", "tables.usd_per_hour", Kind.USD_PER_HOUR, help="others.burn_help"),
        Column("billing", "others.billing", help="others.billing_help", value=_billing),
        Column("use", "uses.column", help="uses.column_help", value=lambda row: _use(known, row)),
        Column("instances", "tables.instance_type", help="glossary.instance_type", value=_types),
        Column("created", "tables.created", Kind.TIME),
    )


def _billing(row: Spender) -> str:
    return plain(f"others.billing_{row.billing}")


def _use(known: Inventory, row: Spender) -> str:
    return uses.words(known.idle(row.arn), known.at) if row.runs else ""


def _types(row: Spender) -> str:
    return ", ".join(f"{name} × {count}" if count > 1 else name for name, count in row.instances)


@st.fragment(run_every=REFRESH)
def draw() -> None:
    """All of the page; drawn anew by itself."""
    with session.shown_errors():
        known = reads.here()
        rows = known.others
        running = sum(row.runs for row in rows)
        page_header(
            t("others.title"),
            t("others.sentence", count=running, total=len(rows)) if rows else t("others.sentence_none"),
        )
        session.show_failures(known, "spenders", "activity")
        _say_unread(known)
        if not rows:
            with empty_state(":material/category:", t("others.none")):
                _draw_kinds(SpenderKind)
            return
        figures(_figures(rows, running))
        _draw_table(known, rows)
        _draw_kinds(sorted({row.kind for row in rows}))


def _figures(rows: tuple[Spender, ...], running: int) -> list[Figure]:
    unrated = sum(row.billing is Billing.UNRATED for row in rows)
    burn = sum((row.burn for row in rows), ZERO)
    return [
        Figure(plain("others.burn"), show.rate(burn), help=plain("others.burn_help")),
        Figure(plain("others.running"), str(running)),
        Figure(plain("others.unrated"), str(unrated), help=plain("others.unrated_help")),
    ]


def _draw_table(known: Inventory, rows: tuple[Spender, ...]) -> None:
    opened = open_one(
        rows,
        _columns(known),
        key="others",
        what=plain("others.title"),
        sort="-usd_per_hour",
        row_id=lambda row: row.arn,
    )
    if opened is not None:
        dialogs.show(opened.name, draw_other, session.cloud(), opened.arn)


def _draw_kinds(kinds: Iterable[SpenderKind]) -> None:
    """Each kind with its explanation on hover."""
    with st.container(horizontal=True, gap="small"):
        for kind in kinds:
            st.caption(t(f"launch.kind_{kind}"), help=explain(kind), width="content")


def _say_unread(known: Inventory) -> None:
    """Lists that could not be read, each with its reason; the others are shown."""
    unread = known.spenders.unread
    if unread:
        said = [
            plain("others.unread_one", list=plain(f"others.list_{name}"), reason=plain(f"errors.{reason}"))
            for name, reason in unread.items()
        ]
        st.caption(f":material/visibility_off: {t('others.unread', lists=escape(', '.join(said)))}")


draw()
