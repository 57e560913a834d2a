"""The one shape of a line item, whatever export it came from: FOCUS 1.0's columns in lower case, and AWS's own.

focus.finops.org/focus-specification/v1-0; docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html
"""

import re
from collections.abc import Iterable, Mapping

MONEY = "DECIMAL(18, 9)"
"""Up to a thousand million a line, to a thousand-millionth: a sum of 50 million lines is right to the cent."""

COLUMNS: Mapping[str, str] = {
    "billing_period": "DATE",
    "charge_period_start": "TIMESTAMP",
    "charge_period_end": "TIMESTAMP",
    "billing_account_id": "VARCHAR",
    "sub_account_id": "VARCHAR",
    "charge_category": "VARCHAR",
    "line_item_type": "VARCHAR",
    "service_name": "VARCHAR",
    "usage_type": "VARCHAR",
    "operation": "VARCHAR",
    "charge_description": "VARCHAR",
    "resource_id": "VARCHAR",
    "region_id": "VARCHAR",
    "instance_type": "VARCHAR",
    "purchase_option": "VARCHAR",
    "component": "VARCHAR",
    "part": "VARCHAR",
    "commitment_discount_id": "VARCHAR",
    "commitment_discount_status": "VARCHAR",
    "pricing_unit": "VARCHAR",
    "consumed_quantity": "DOUBLE",
    "instance_hours": "DOUBLE",
    "reserved_hours": "DOUBLE",
    "unused_hours": "DOUBLE",
    "billed_cost": MONEY,
    "effective_cost": MONEY,
    "list_cost": MONEY,
    "list_cost_source": "VARCHAR",
    "billing_currency": "VARCHAR",
}
"""Column → DuckDB's type. Times are UTC. `billed_cost` is AWS's unblended cost, `effective_cost` the amortised one;
`list_cost` is what on-demand would have cost, by `list_cost_source`: the `bill`, or our `catalogue` where the bill has
none (spot). `instance_hours` are those of instances alone; `reserved_hours` count instances of a reservation's own
size, and `unused_hours` those of them that nothing used."""

ORDER = ("service_name", "usage_type", "sub_account_id", "resource_id", "charge_period_start")
"""How lines lie in their file: alike beside alike is a fifth of the size, and found without reading the rest."""

DIMENSIONS = (
    "service_name",
    "component",
    "part",
    "instance_type",
    "purchase_option",
    "region_id",
    "sub_account_id",
    "charge_category",
    "line_item_type",
    "commitment_discount_status",
    "list_cost_source",
    "billing_currency",
)
"""What the rollup keeps apart, besides the day and the tags."""

MEASURES = ("billed_cost", "effective_cost", "list_cost", "instance_hours", "reserved_hours", "unused_hours")

PURCHASE_OPTIONS = ("on_demand", "reserved", "savings_plan", "spot")
"""In the order in which they are always shown."""

COMPONENTS = (
    "notebook",
    "studio",
    "training",
    "managed_spot_training",
    "warm_pool",
    "processing",
    "hosting",
    "async_inference",
    "batch_transform",
    "canvas",
    "rstudio",
    "hyperpod",
    "other",
)

TAG = "tag_"
MOST_TAGS = 50
"""Keys that become columns; AWS itself lets 500 be activated."""


def tag_name(key: str) -> str:
    """A cost allocation tag's key as the company writes it: `team` of `user:team` and `user_team`."""
    return key.removeprefix("user:").removeprefix("user_")


def tag_column(key: str) -> str:
    """The column of a cost allocation tag, the same for every export: `user:Cost-Center` and `user_cost_center` are
    `tag_cost_center`, and AWS's own stay apart as `tag_aws_…`."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", tag_name(key))
    return TAG + re.sub(r"[^a-z0-9]+", "_", snake.lower()).strip("_")


def rollup_columns(tags: Iterable[str]) -> dict[str, str]:
    """Column → DuckDB's type of the daily rollup with these tag columns."""
    kept = {name: COLUMNS[name] for name in ("billing_period", *DIMENSIONS)}
    measures = {name: "DOUBLE" if COLUMNS[name] == "DOUBLE" else "DECIMAL(38, 9)" for name in MEASURES}
    return {"day": "DATE", **kept, **dict.fromkeys(tags, "VARCHAR"), **measures, "lines": "BIGINT"}


def line_columns(tags: Iterable[str]) -> dict[str, str]:
    """Column → DuckDB's type of the lines with these tag columns."""
    return {**COLUMNS, **dict.fromkeys(tags, "VARCHAR")}
