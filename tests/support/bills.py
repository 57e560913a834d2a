"""A small bill with every trap of a real one, as AWS's exports have it: reservations, an unused part of them, spot
without a type, a savings plan, tags, a credit, a refund, tax, and SageMaker in all its components."""

import csv
import gzip
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

PAYER, MEMBER = "111122223333", "444455556666"
PLAN = f"arn:aws:savingsplans::{PAYER}:savingsplan/5a1b"
RESERVATION = f"arn:aws:ec2:ap-northeast-2:{PAYER}:reserved-instances/77aa"
SAGEMAKER, EC2 = "AmazonSageMaker", "AmazonEC2"
NAMES = {SAGEMAKER: "Amazon SageMaker", EC2: "Amazon Elastic Compute Cloud", "AWSSupportBusiness": "AWS Support"}

Line = Mapping[str, Any]
"""A line item by its CUR 2.0 names, with `tags` beside them."""


def line(period: date, at: datetime, usage_type: str, cost: float, **more: Any) -> dict[str, Any]:
    """One line, an hour of SageMaker's usage unless `more` says otherwise."""
    return {
        "bill_payer_account_id": PAYER,
        "bill_billing_period_start_date": datetime.combine(period.replace(day=1), time()),
        "line_item_usage_account_id": MEMBER,
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": at.replace(tzinfo=None),
        "line_item_usage_end_date": (at + timedelta(hours=1)).replace(tzinfo=None),
        "line_item_product_code": SAGEMAKER,
        "line_item_usage_type": usage_type,
        "line_item_operation": "RunInstance",
        "line_item_resource_id": "",
        "line_item_usage_amount": 1.0,
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": cost,
        "line_item_line_item_description": usage_type,
        "product_region_code": "ap-northeast-2",
        "product_instance_type": "",
        "pricing_public_on_demand_cost": cost,
        "pricing_unit": "Hrs",
        "tags": {},
        **more,
    }


def month(period: date, hours: int = 24) -> list[dict[str, Any]]:
    """A month's lines; the notebook bills so many hours of it."""
    start = datetime(period.year, period.month, 3, tzinfo=UTC)

    def add(usage_type: str, cost: float, **more: Any) -> dict[str, Any]:
        return line(period, start, usage_type, cost, **more)

    risk = {"user_team": "risk"}
    notebook = [
        line(
            period,
            start + timedelta(hours=hour),
            "APN2-Notebk:ml.t3.medium",
            0.062,
            tags=risk,
            line_item_resource_id=f"arn:aws:sagemaker:ap-northeast-2:{MEMBER}:notebook-instance/desk",
        )
        for hour in range(hours)
    ]
    sagemaker = [
        add("APN2-Notebk:VolumeUsage.gp2", 0.5, pricing_unit="GB-Mo", tags=risk),
        add("APN2-Studio:JupyterLab-ml.t3.medium", 0.7),
        add("APN2-Train:ml.g5.xlarge", 14.0, tags=risk, line_item_usage_amount=10.0),
        add("APN2-TrSpt:ml.g5.xlarge", 3.0, line_item_usage_amount=5.0),
        add("APN2-Processing:ml.m5.large", 0.4),
        add("APN2-Host:ml.m5.large", 2.0, tags={"user_team": "fraud"}),
        add("APN2-Tsform:ml.m5.large", 0.9),
    ]
    ec2 = {"line_item_product_code": EC2, "line_item_operation": "RunInstances"}
    machines = [
        add("APN2-BoxUsage:c5.large", 0.096, product_instance_type="c5.large", **ec2),
        add("APN2-SpotUsage:c5.large", 0.03, pricing_public_on_demand_cost=0.0, pricing_unit="", **ec2),
        add(
            "APN2-BoxUsage:m5.large", 0.0, product_instance_type="m5.large", line_item_line_item_type="DiscountedUsage",
            reservation_reservation_a_r_n=RESERVATION, reservation_effective_cost=60.0,
            pricing_public_on_demand_cost=94.4, line_item_usage_amount=800.0, **ec2,
        ),
        add(
            "APN2-HeavyUsage:m5.large", 50.0, product_instance_type="m5.large", line_item_line_item_type="RIFee",
            reservation_reservation_a_r_n=RESERVATION, reservation_unused_amortized_upfront_fee_for_billing_period=8.0,
            reservation_unused_recurring_fee=12.0, reservation_unused_quantity=200.0, line_item_usage_amount=1000.0,
            reservation_amortized_upfront_fee_for_billing_period=30.0, pricing_public_on_demand_cost=0.0, **ec2,
        ),
        add(
            "APN2-BoxUsage:c6i.large", 0.9, product_instance_type="c6i.large", savings_plan_savings_plan_a_r_n=PLAN,
            line_item_line_item_type="SavingsPlanCoveredUsage", savings_plan_savings_plan_effective_cost=0.6,
            line_item_usage_amount=10.0, **ec2,
        ),
        add(
            "APN2-BoxUsage:c6i.large", -0.9, line_item_line_item_type="SavingsPlanNegation",
            savings_plan_savings_plan_a_r_n=PLAN, **ec2,
        ),
        add(
            "ComputeSP:1yrNoUpfront", 1.0, line_item_line_item_type="SavingsPlanRecurringFee",
            savings_plan_savings_plan_a_r_n=PLAN, savings_plan_total_commitment_to_date=1.0,
            savings_plan_used_commitment=0.6, **ec2,
        ),
        add("APN2-BoxUsage:c5.large", 0.05, **{**ec2, "line_item_operation": "EKSPod-EC2"}),
    ]  # fmt: skip
    others = [
        add("Support", 100.0, line_item_line_item_type="Fee", line_item_product_code="AWSSupportBusiness"),
        add("Upfront", 360.0, line_item_line_item_type="Fee", reservation_reservation_a_r_n=RESERVATION, **ec2),
        add("Tax", 7.5, line_item_line_item_type="Tax"),
        add("Credit", -20.0, line_item_line_item_type="Credit", tags=risk),
        add("Refund", -1.25, line_item_line_item_type="Refund"),
    ]
    return [
        {
            **each,
            "identity_line_item_id": f"{period}-{number}",
            "identity_time_interval": str(each["line_item_usage_start_date"]),
        }
        for number, each in enumerate([*notebook, *sagemaker, *machines, *others])
    ]


def _columns(lines: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(name for each in lines for name in each if name != "tags"))


def write_cur2(path: Path, lines: Sequence[Line]) -> Path:
    """CUR 2.0 in Parquet: tags and the product's name in maps."""
    columns: dict[str, Any] = {name: [each.get(name) for each in lines] for name in _columns(lines)}
    texts = pa.map_(pa.string(), pa.string())
    columns["resource_tags"] = pa.array([list(each["tags"].items()) for each in lines], texts)
    products = [[("product_name", NAMES[each["line_item_product_code"]])] for each in lines]
    columns["product"] = pa.array(products, texts)
    parquet.write_table(pa.table(columns), path)
    return path


def _flat(lines: Sequence[Line]) -> Iterable[dict[str, Any]]:
    keys = sorted({key for each in lines for key in each["tags"]})
    for each in lines:
        tags = {f"resource_tags_{key}": each["tags"].get(key, "") for key in keys}
        yield {
            **{name: each.get(name) for name in _columns(lines)},
            "product_product_name": NAMES[each["line_item_product_code"]],
            **tags,
        }


def write_legacy(path: Path, lines: Sequence[Line]) -> Path:
    """The legacy report in Parquet: a column for each tag."""
    parquet.write_table(pa.Table.from_pylist(list(_flat(lines))), path)
    return path


def write_legacy_csv(path: Path, lines: Sequence[Line]) -> Path:
    """The legacy report in compressed CSV, with its own headings."""
    rows = list(_flat(lines))
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([_legacy_heading(name) for name in rows[0]])
        writer.writerows([_legacy_cell(value) for value in row.values()] for row in rows)
    return path


GROUPS = ("identity", "bill", "line_item", "product", "pricing", "reservation", "savings_plan", "resource_tags")


def _legacy_heading(name: str) -> str:
    for group in (
        "identity",
        "bill",
        "line_item",
        "product",
        "pricing",
        "reservation",
        "savings_plan",
        "resource_tags",
    ):
        if name.startswith(f"{group}_"):
            camel = _camel(group)
            rest = name.removeprefix(f"{group}_")
            if group == "resource_tags":
                return f"resourceTags/{rest.replace('_', ':', 1)}"
            return f"{camel[0].lower()}{camel[1:]}/{_camel(rest)}"
    raise ValueError(name)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _legacy_cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return "" if value is None else str(value)


def write_focus(path: Path, lines: Sequence[Line]) -> Path:
    """FOCUS 1.0 in Parquet, as AWS makes it of the same charges: what a plan covered is billed once, and so is an
    instance that pods run on."""
    rows = [_focus(each) for each in lines if not _is_counted_twice(each)]
    tags = pa.array([list(row.pop("Tags").items()) for row in rows], pa.map_(pa.string(), pa.string()))
    parquet.write_table(pa.Table.from_pylist(rows).append_column("Tags", tags), path)
    return path


def _is_counted_twice(each: Line) -> bool:
    return bool(
        each["line_item_line_item_type"] == "SavingsPlanNegation" or each["line_item_operation"] == "EKSPod-EC2"
    )


_FOCUS_CATEGORY = {"Tax": "Tax", "Credit": "Credit", "Refund": "Adjustment"}


def _focus(each: Line) -> dict[str, Any]:
    kind = each["line_item_line_item_type"]
    covered = kind == "SavingsPlanCoveredUsage"
    arn = each.get("savings_plan_savings_plan_a_r_n") or each.get("reservation_reservation_a_r_n")
    purchase = kind in ("Fee", "RIFee", "SavingsPlanRecurringFee")
    return {
        "BillingAccountId": PAYER,
        "SubAccountId": each["line_item_usage_account_id"],
        "BillingPeriodStart": each["bill_billing_period_start_date"].replace(tzinfo=UTC),
        "ChargePeriodStart": each["line_item_usage_start_date"].replace(tzinfo=UTC),
        "ChargePeriodEnd": each["line_item_usage_end_date"].replace(tzinfo=UTC),
        "ChargeCategory": "Purchase" if purchase else _FOCUS_CATEGORY.get(kind, "Usage"),
        "ServiceName": NAMES[each["line_item_product_code"]],
        "x_ServiceCode": each["line_item_product_code"],
        "x_UsageType": each["line_item_usage_type"],
        "RegionId": each["product_region_code"],
        "CommitmentDiscountId": arn,
        "CommitmentDiscountType": None if arn is None else ("Savings Plan" if arn == PLAN else "Reserved"),
        "CommitmentDiscountStatus": "Used" if covered or kind == "DiscountedUsage" else None,
        "PricingCategory": "Dynamic" if "Spot" in each["line_item_usage_type"] else "Standard",
        "PricingUnit": each["pricing_unit"] or "Hours",
        "ConsumedQuantity": each["line_item_usage_amount"],
        "ListCost": each["pricing_public_on_demand_cost"],
        "BilledCost": 0.0 if covered else each["line_item_unblended_cost"],
        "EffectiveCost": each.get("savings_plan_savings_plan_effective_cost")
        or each.get("reservation_effective_cost")
        or (0.0 if purchase and arn else each["line_item_unblended_cost"]),
        "BillingCurrency": each["line_item_currency_code"],
        "Tags": {key.removeprefix("user_"): value for key, value in each["tags"].items()},
    }


def _as_csv(write: Callable[[Path, Sequence[Line]], Path]) -> Callable[[Path, Sequence[Line]], Path]:
    """The same table as compressed CSV, its maps as JSON."""

    def written(path: Path, lines: Sequence[Line]) -> Path:
        table = parquet.read_table(write(path.with_suffix(".parquet"), lines))
        rows = table.to_pylist(maps_as_pydicts="strict")
        with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(table.column_names)
            writer.writerows([_csv_cell(value) for value in row.values()] for row in rows)
        return path

    return written


def _csv_cell(value: object) -> str:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.000Z}"
    return "" if value is None else str(value)


WRITERS: Mapping[str, tuple[str, Callable[[Path, Sequence[Line]], Path]]] = {
    "CUR 2.0": ("bill.parquet", write_cur2),
    "legacy CUR": ("bill.parquet", write_legacy),
    "legacy CUR in CSV": ("bill.csv.gz", write_legacy_csv),
    "CUR 2.0 in CSV": ("bill.csv.gz", _as_csv(write_cur2)),
    "FOCUS 1.0": ("bill.parquet", write_focus),
    "FOCUS 1.0 in CSV": ("bill.csv.gz", _as_csv(write_focus)),
}
"""Export → (its file's name, how it is written)."""
