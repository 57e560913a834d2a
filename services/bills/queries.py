"""What is asked of a bill, written once: expressions that DuckDB answers on this machine and Amazon Athena on AWS's.

The screens ask the rollup; line items are asked for themselves. Costs are in US dollars.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, Literal

from services.bills.shape import DIMENSIONS, TAG, line_columns, rollup_columns

if TYPE_CHECKING:
    from ibis import Table

Grain = Literal["day", "month"]
Measure = Literal["billed_cost", "effective_cost", "list_cost", "instance_hours"]
COSTS: Final[tuple[Measure, ...]] = ("billed_cost", "effective_cost", "list_cost")
ROLLUP, LINES = "rollup", "lines"

LINE_ITEM_COLUMNS = (
    "charge_period_start",
    "charge_period_end",
    "line_item_type",
    "service_name",
    "usage_type",
    "operation",
    "resource_id",
    "region_id",
    "instance_type",
    "purchase_option",
    "sub_account_id",
    "consumed_quantity",
    "pricing_unit",
    "billed_cost",
    "effective_cost",
    "charge_description",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which charges are asked about."""

    start: date
    end: date
    """Exclusive, as Cost Explorer has it. Days are UTC."""
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Dimensions and the values of each that count; an empty text is where a line has none."""


def dimensions(tags: Iterable[str]) -> tuple[str, ...]:
    """What a bill can be split by."""
    return (*(name for name in DIMENSIONS if name not in ("billing_currency", "list_cost_source")), *tags)


def totals(tags: Iterable[str], scope: Scope) -> "Table":
    """One row: billed_cost, effective_cost, list_cost, instance_hours, lines."""
    charges = _scoped(_rollup(tags), scope)
    sums = {name: charges[name].sum() for name in (*COSTS, "instance_hours", "lines")}
    return charges.aggregate(**sums)


def by_value(tags: Iterable[str], scope: Scope, dimension: str) -> "Table":
    """A row for each value of a dimension, the dearest first: value, billed_cost, effective_cost, list_cost,
    instance_hours, lines."""
    charges = _scoped(_rollup(tags), scope)
    sums = {name: charges[name].sum() for name in (*COSTS, "instance_hours", "lines")}
    grouped = charges.group_by(value=_value(charges, dimension)).aggregate(**sums)
    return grouped.order_by([grouped.effective_cost.desc(), grouped.value])


def over_time(tags: Iterable[str], scope: Scope, dimension: str, grain: Grain, measure: Measure) -> "Table":
    """A row for each day or month and value of a dimension: start, value, amount."""
    charges = _scoped(_rollup(tags), scope)
    start = charges.day if grain == "day" else charges.billing_period
    grouped = charges.group_by(start=start, value=_value(charges, dimension)).aggregate(amount=charges[measure].sum())
    return grouped.order_by([grouped.start, grouped.value])


def commitments(tags: Iterable[str], scope: Scope, grain: Grain) -> "Table":
    """What reservations and savings plans were used for and what they were not: start, purchase_option, used, unused
    (amortised cost), reserved_hours and the unused_hours of them, list_cost of what they covered."""
    charges = _scoped(_rollup(tags), scope)
    committed = charges.filter(charges.purchase_option.isin(["reserved", "savings_plan"]))
    unused = committed.commitment_discount_status.fill_null("") == "Unused"
    grouped = committed.group_by(
        start=committed.day if grain == "day" else committed.billing_period,
        purchase_option=committed.purchase_option,
    ).aggregate(
        used=committed.effective_cost.sum(where=~unused),
        unused=committed.effective_cost.sum(where=unused),
        reserved_hours=committed.reserved_hours.sum(),
        unused_hours=committed.unused_hours.sum(),
        list_cost=committed.list_cost.sum(),
    )
    return grouped.order_by([grouped.start, grouped.purchase_option])


def by_resource(tags: Iterable[str], scope: Scope) -> "Table":
    """A row for each resource, of the line items, the dearest first: value (its id; empty where a line has none),
    service_name, component, instance_type, instance_hours, billed_cost, effective_cost, began, ended."""
    charges = _lines(tags, scope)
    grouped = charges.group_by(value=_value(charges, "resource_id")).aggregate(
        **{name: charges[name].max() for name in ("service_name", "component", "instance_type")},
        **{name: charges[name].sum() for name in ("instance_hours", "billed_cost", "effective_cost")},
        began=charges.charge_period_start.min(),
        ended=charges.charge_period_end.max(),
    )
    return grouped.order_by([grouped.effective_cost.desc(), grouped.value])


def savings(tags: Iterable[str], scope: Scope) -> "Table":
    """One row: the list_cost of usage that has one, and what was paid for it, unused commitments among it."""
    charges = _scoped(_rollup(tags), scope)
    listed = charges.list_cost_source.notnull()
    unused = charges.commitment_discount_status.fill_null("") == "Unused"
    return charges.aggregate(
        list_cost=charges.list_cost.sum(where=listed),
        paid=charges.effective_cost.sum(where=listed | unused),
    )


def line_items(tags: Iterable[str], scope: Scope, most: int) -> "Table":
    """The dearest line items themselves, at most so many."""
    names = tuple(tags)
    shown = _lines(names, scope).select(*LINE_ITEM_COLUMNS, *names)
    return shown.order_by([shown.billed_cost.desc(), shown.charge_period_start, shown.usage_type]).limit(most)


def is_tag(dimension: str) -> bool:
    """Whether a dimension is a tag."""
    return dimension.startswith(TAG)


def _rollup(tags: Iterable[str]) -> "Table":
    return _table(ROLLUP, rollup_columns(tuple(tags)))


def _lines(tags: Iterable[str], scope: Scope) -> "Table":
    lines = _table(LINES, line_columns(tuple(tags)))
    began = lines.charge_period_start
    return _only(lines.filter((began >= _midnight(scope.start)) & (began < _midnight(scope.end))), scope)


def _table(name: str, columns: Mapping[str, str]) -> "Table":
    # Half a second, paid by the first who asks of a bill.
    import ibis

    types = {
        "VARCHAR": "string",
        "DOUBLE": "float64",
        "BIGINT": "int64",
        "DATE": "date",
        "TIMESTAMP": "timestamp",
    }
    schema = {
        column: types.get(kind) or kind.lower().replace(" ", "").replace(",", ", ") for column, kind in columns.items()
    }
    return ibis.table(schema, name=name)


def _scoped(charges: "Table", scope: Scope) -> "Table":
    return _only(charges.filter((charges.day >= scope.start) & (charges.day < scope.end)), scope)


def _only(charges: "Table", scope: Scope) -> "Table":
    for dimension, values in scope.only:
        column, said = charges[dimension], [value for value in values if value]
        # Asked of the column itself, whose least and greatest values in a file say what need not be read.
        kept = column.isin(said)
        charges = charges.filter(kept | column.isnull() if "" in values else kept)
    return charges


def _midnight(day: date) -> datetime:
    # Without a zone, as all times of a bill: they are UTC.
    return datetime.combine(day, time())


def _value(charges: "Table", dimension: str) -> Any:
    return charges[dimension].fill_null("")
