"""SQL that reads an export into our shape, and the rollup of that."""

from collections.abc import Iterable, Mapping

from services import figures
from services.bills.files import Export
from services.bills.shape import COLUMNS, DIMENSIONS, MEASURES, MONEY, ORDER, line_columns
from services.bills.sources import literal, quoted


def lines(export: Export, tags: Mapping[str, str]) -> str:
    """SQL of all lines in our shape. `tags`: tag key as in the file → its column.

    A spot line has no list price in AWS's report: it is reckoned at the catalogue's on-demand rate, and says so.
    """
    rules = {**export.format.rules(export.columns), **_tag_rules(export, tags)}
    selected = ", ".join(f"{sql} AS {quoted(name)}" for name, sql in rules.items())
    named = ", ".join(f"{sql}::{kind} AS {quoted(name)}" for name, (sql, kind) in _finished(tags.values()).items())
    return (
        f"SELECT {named} FROM (SELECT {selected} FROM {export.table}"
        f" WHERE {export.format.keep(export.columns)}) AS read LEFT JOIN ({_on_demand()}) AS catalogue"
        " ON read.purchase_option = 'spot' AND read.instance_type = catalogue.instance_type"
        " AND read.region_id = catalogue.region"
    )


def rollup(tags: Iterable[str], table: str) -> str:
    """SQL of the daily rollup of lines in our shape."""
    dimensions = ("billing_period", *DIMENSIONS, *tags)
    kept = ", ".join(quoted(name) for name in dimensions)
    sums = ", ".join(f"sum({name}) AS {name}" for name in MEASURES)
    return (
        f"SELECT charge_period_start::DATE AS day, {kept}, {sums}, count(*) AS lines FROM {table}"
        f" GROUP BY ALL ORDER BY day, {kept}"
    )


def ordered(table: str) -> str:
    """SQL of lines as they lie in their file."""
    return f"SELECT * FROM {table} ORDER BY {', '.join(ORDER)}"


def _tag_rules(export: Export, tags: Mapping[str, str]) -> dict[str, str]:
    """Two keys that make one column, such as `Team` and `team`, are read as one."""
    together: dict[str, list[str]] = {}
    for key, column in tags.items():
        together.setdefault(column, []).append(export.format.tag(export.columns, key))
    return {column: f"coalesce({', '.join(parts)})" for column, parts in together.items()}


def _finished(tags: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Column → (SQL over the rules' columns, type)."""
    own = {name: (f"read.{quoted(name)}", kind) for name, kind in line_columns(tags).items()}
    hourly = "(read.pricing_unit ILIKE 'h%' OR (read.pricing_unit IS NULL AND read.purchase_option = 'spot'))"
    # What a savings plan covered stands there twice: as usage, and as what is taken off again.
    used = "(read.charge_category = 'Usage' AND read.line_item_type <> 'SavingsPlanNegation')"
    instance = f"read.instance_type IS NOT NULL AND {hourly} AND {used}"
    money = {"billed_cost": "read.billed", "effective_cost": "read.effective"}
    estimated = "read.purchase_option = 'spot' AND coalesce(read.listed, 0) = 0"
    known = "read.consumed_quantity * catalogue.usd_per_hour"
    return {
        **own,
        **{name: (sql, MONEY) for name, sql in money.items()},
        "list_cost": (
            f"CASE WHEN {estimated} THEN {known} WHEN {used} THEN read.listed END",
            MONEY,
        ),
        "list_cost_source": (
            f"CASE WHEN {estimated} THEN if({known} IS NULL, NULL, 'catalogue')"
            f" WHEN {used} AND read.listed IS NOT NULL THEN 'bill' END",
            COLUMNS["list_cost_source"],
        ),
        "instance_hours": (f"if({instance}, read.consumed_quantity, 0)", "DOUBLE"),
        **{name: (f"coalesce(read.{name}, 0)", "DOUBLE") for name in ("reserved_hours", "unused_hours")},
    }


def _on_demand() -> str:
    """SQL of the catalogue's on-demand rates. Managed spot training's are SageMaker's own."""
    ec2, sagemaker = (literal(str(figures.FOLDER / f"{name}_prices.parquet")) for name in ("ec2", "sagemaker"))
    return (
        "SELECT region, instance_type, usd_per_hour::DOUBLE AS usd_per_hour"
        f" FROM read_parquet({ec2}) WHERE purchase_option = 'on_demand'"
        f" UNION ALL SELECT region, instance_type, usd_per_hour::DOUBLE FROM read_parquet({sagemaker})"
        " WHERE component = 'training'"
    )
