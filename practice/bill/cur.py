"""CUR 2.0's table: line items under AWS's column names.

What a column of this account never has (reservations, savings plans, discounts, invoices) is null. `product_sku` and
the rate code are those of the account's price list; `product_instance_type` is the type alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from io import BytesIO
from typing import Any

from practice import ACCOUNT_ID
from practice.bill.columns import COLUMNS
from practice.bill.lines import Charged, Line
from practice.bill.listings import description, location, rate_code, sku
from practice.bill.periods import next_month
from practice.pricing.ml_instances import OPERATION, SERVICE

ENTITY = "Amazon Web Services, Inc."
ACCOUNT_NAME = "practice"

_ALWAYS: Mapping[str, Any] = {
    "bill_bill_type": "Anniversary",
    "bill_billing_entity": "AWS",
    "bill_invoicing_entity": ENTITY,
    "bill_payer_account_id": ACCOUNT_ID,
    "bill_payer_account_name": ACCOUNT_NAME,
    "cost_category": [],
    "discount": [],
    "line_item_currency_code": "USD",
    "line_item_legal_entity": ENTITY,
    "line_item_line_item_type": "Usage",
    "line_item_operation": OPERATION,
    "line_item_product_code": SERVICE,
    "line_item_usage_account_id": ACCOUNT_ID,
    "line_item_usage_account_name": ACCOUNT_NAME,
    "pricing_currency": "USD",
    "pricing_term": "OnDemand",
    "product_location_type": "AWS Region",
    "product_operation": OPERATION,
    "product_servicecode": SERVICE,
}


def _rate(about: Charged) -> str:
    return f"{about.usage_type.usd:.10f}"


def _product(about: Charged) -> list[tuple[str, str]]:
    return [("product_name", "Amazon SageMaker"), ("region", about.usage_type.region)]


def _resource_tags(about: Charged) -> list[tuple[str, str]]:
    return list({tag_column(key): value for key, value in about.tags}.items())


_BY_CHARGED: Mapping[str, Callable[[Charged], Any]] = {
    "line_item_blended_rate": _rate,
    "line_item_line_item_description": lambda about: description(about.usage_type),
    "line_item_resource_id": lambda about: about.resource,
    "line_item_unblended_rate": _rate,
    "line_item_usage_type": lambda about: about.usage_type.code,
    "pricing_public_on_demand_rate": _rate,
    "pricing_rate_code": lambda about: rate_code(about.usage_type),
    "pricing_unit": lambda about: about.usage_type.unit,
    "product": _product,
    "product_instance_type": lambda about: about.usage_type.instance_type,
    "product_location": lambda about: location(about.usage_type.region),
    "product_product_family": lambda about: about.usage_type.family,
    "product_region_code": lambda about: about.usage_type.region,
    "product_sku": lambda about: sku(about.usage_type),
    "product_usagetype": lambda about: about.usage_type.code,
    "resource_tags": _resource_tags,
}


def _identity(about: Charged) -> str:
    said = repr((about.resource, about.usage_type.code, about.tags))
    return blake2b(said.encode(), digest_size=16).hexdigest()


_BY_LINE: Mapping[str, Callable[[Line], Any]] = {
    "line_item_unblended_cost": lambda line: float(line.cost),
    "line_item_usage_amount": lambda line: float(line.quantity),
}
_SAME = dict.fromkeys(("line_item_blended_cost", "pricing_public_on_demand_cost"), "line_item_unblended_cost")
"""Column → the one that it always equals here."""

_BY_PERIOD: Mapping[str, Callable[[datetime, datetime], Any]] = {
    "identity_time_interval": lambda start, end: f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}",
    "line_item_usage_end_date": lambda start, end: _plain(end),
    "line_item_usage_start_date": lambda start, end: _plain(start),
}


def tag_column(key: str) -> str:
    """A user's tag as a key of `resource_tags`: CostCenter is user_cost_center.

    docs.aws.amazon.com/cur/latest/userguide/cur-ate-run.html
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", f"user_{key}")
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def parquet_file(lines: Sequence[Line], month: datetime, selected: Mapping[str, str]) -> bytes:
    """One month's lines. `selected`: the columns by the names that they get."""
    # Not at the top of the module: it costs a quarter of a second, and the account is ready without it.
    import pyarrow as pa
    from pyarrow import compute as pc
    from pyarrow import parquet

    abouts, rows = _rows(lines)
    periods: dict[tuple[datetime, datetime], int] = {}
    of_period = pa.array([periods.setdefault((line.start, line.end), len(periods)) for line in lines], pa.int32())
    of_about, of_month = pa.array(rows, pa.int32()), pa.array([0] * len(lines), pa.int32())
    always = {
        **_ALWAYS,
        "bill_billing_period_start_date": _plain(month),
        "bill_billing_period_end_date": _plain(next_month(month)),
    }

    def column(name: str) -> Any:
        kind = _kind(name)
        if name == "identity_line_item_id":
            charged = pa.array([_identity(about) for about in abouts], kind).take(of_about)
            hours = pa.array([f"{start:%Y%m%d%H}" for start, _ in periods], kind).take(of_period)
            return pc.binary_join_element_wise(charged, hours, "")
        if name in _BY_LINE:
            return pa.array([_BY_LINE[name](line) for line in lines], kind)
        # Of what many lines share each value is made once, and then taken for each of them.
        if name in _BY_CHARGED:
            return pa.array([_BY_CHARGED[name](about) for about in abouts], kind).take(of_about)
        if name in _BY_PERIOD:
            return pa.array([_BY_PERIOD[name](*each) for each in periods], kind).take(of_period)
        if name in always:
            return pa.array([always[name]], kind).take(of_month)
        return pa.nulls(len(lines), kind)

    made = {name: column(name) for name in {_SAME.get(name, name) for name in selected.values()}}
    table = pa.table({alias: made[_SAME.get(name, name)] for alias, name in selected.items()})
    sink = BytesIO()
    parquet.write_table(table, sink, compression="snappy")
    return sink.getvalue()


def _kind(name: str) -> Any:
    import pyarrow as pa

    match COLUMNS[name]:
        case "double":
            return pa.float64()
        case "timestamp":
            return pa.timestamp("ms")
        case "map":
            return pa.map_(pa.string(), pa.float64() if name == "discount" else pa.string())
        case _:
            return pa.string()


def _rows(lines: Sequence[Line]) -> tuple[list[Charged], list[int]]:
    """What the lines are about, each once in a row, and for each line which of them: lines of one come together."""
    abouts: list[Charged] = []
    rows: list[int] = []
    for line in lines:
        if not abouts or abouts[-1] is not line.about:
            abouts.append(line.about)
        rows.append(len(abouts) - 1)
    return abouts, rows


def _plain(moment: datetime) -> datetime:
    """Without a zone: timestamps of a report are UTC and do not say so."""
    return moment.replace(tzinfo=None)
