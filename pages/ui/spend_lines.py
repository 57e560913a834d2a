"""What is behind what Spend shows: its resources, a training job or an endpoint among them, and its line items."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st

from pages.ui import bill_reads, bill_words, exports, tables
from pages.ui.columns import Column, Kind
from pages.ui.text import plain, t
from services.bills import queries
from services.bills.books import Book
from services.bills.queries import Scope

MOST = 200


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line of the bill, costs in US dollars."""

    usage_type: str
    billed_cost: Decimal
    effective_cost: Decimal
    charge_period_start: datetime
    consumed_quantity: float
    pricing_unit: str
    purchase_option: str
    line_item_type: str
    service_name: str
    resource_id: str


COLUMNS = (
    Column("usage_type", "spend.line_usage_type", Kind.NAME, help="glossary.usage_type"),
    Column("billed_cost", "spend.billed_cost", Kind.USD),
    Column("effective_cost", "spend.effective_cost", Kind.USD),
    Column("charge_period_start", "spend.line_start", Kind.TIME),
    Column("consumed_quantity", "spend.line_quantity", Kind.NUMBER),
    Column("pricing_unit", "spend.line_unit"),
    Column("purchase_option", "spend.dimension_purchase_option", help="glossary.purchase_option"),
    Column("line_item_type", "spend.dimension_line_item_type"),
    Column("service_name", "spend.dimension_service_name"),
    Column("resource_id", "spend.line_resource"),
)


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What a resource cost in the month, in US dollars."""

    name: str
    component: str
    instance_type: str
    effective_cost: Decimal
    billed_cost: Decimal
    instance_hours: float
    began: datetime
    ended: datetime
    resource_id: str


RESOURCE_COLUMNS = (
    Column("name", "tables.name", Kind.NAME),
    Column("component", "spend.column_service", help="glossary.sagemaker"),
    Column("instance_type", "tables.instance_type", help="glossary.instance_type"),
    Column("effective_cost", "spend.effective_cost", Kind.USD, help="spend.effective_cost_help", to_the_cent=True),
    Column("billed_cost", "spend.billed_cost", Kind.USD, help="spend.billed_cost_help", to_the_cent=True),
    Column("instance_hours", "purchases.hours", Kind.NUMBER, help="purchases.hours_help"),
    Column("began", "spend.line_start", Kind.TIME),
    Column("ended", "spend.line_end", Kind.TIME),
    Column("resource_id", "spend.line_resource"),
)


def draw(book: Book, scope: Scope) -> None:
    """Two switches, and below each what is behind it when it is on."""
    if st.toggle(t("spend.resources"), key="resources", bind="query-params", help=t("spend.resources_help")):
        _draw_resources(book, scope)
    _draw_lines(book, scope)


def _draw_resources(book: Book, scope: Scope) -> None:
    found = bill_reads.ask(book)(queries.by_resource, scope)
    rows = [_resource(**row) for row in found if row["value"]]
    if not rows:
        st.caption(t("spend.no_resources"))
        return
    tables.every(rows[:MOST], RESOURCE_COLUMNS, what=plain("spend.resources"))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(t("spend.resources_shown", shown=min(len(rows), MOST), count=len(rows)), width="content")
        exports.download(rows, RESOURCE_COLUMNS, key="resources")


def _resource(
    value: str, service_name: str, component: str | None, began: datetime, ended: datetime, **others: object
) -> ResourceCost:
    return ResourceCost(
        name=value.rpartition("/")[2] or value,
        component=bill_words.value("component", component) if component else service_name,
        began=began.replace(tzinfo=UTC),
        ended=ended.replace(tzinfo=UTC),
        resource_id=value,
        **others,  # type: ignore[arg-type]
    )


def _draw_lines(book: Book, scope: Scope) -> None:
    if not st.toggle(t("spend.lines"), key="lines", bind="query-params", help=t("spend.lines_help")):
        return
    found = bill_reads.ask(book)(queries.line_items, scope, MOST)
    items = [_item(**{name: row[name] for name in LineItem.__dataclass_fields__}) for row in found]
    tables.every(items, COLUMNS, what=plain("spend.lines"))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(t("spend.lines_shown", count=len(items)), width="content")
        with st.container(horizontal=True, width="content"):
            exports.download(items, COLUMNS, key="lines")
            exports.parquet(items, key="lines")


def _item(charge_period_start: datetime, purchase_option: str | None, **others: object) -> LineItem:
    return LineItem(
        charge_period_start=charge_period_start.replace(tzinfo=UTC),
        purchase_option=bill_words.value("purchase_option", purchase_option or ""),
        **others,  # type: ignore[arg-type]
    )
