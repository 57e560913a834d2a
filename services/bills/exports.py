"""Data exports: the bills that AWS writes into a bucket of the account, month by month.

docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from services import access
from services.access import Actor
from services.bills import imports
from services.bills.files import NO_LINES
from services.bills.imports import Progress
from services.cloud import Account, Cloud
from services.errors import InvalidRequest, NotFound, translated
from services.plans import Act

REGION: Final = "us-east-1"
"""Where AWS keeps data exports, whatever region their bucket is in."""
TABLES: Final[Mapping[str, str]] = {
    "COST_AND_USAGE_REPORT": "CUR 2.0",
    "FOCUS_1_0_AWS": "FOCUS 1.0",
    "FOCUS_1_2_AWS": "FOCUS 1.2",
}
"""AWS's table → what its files are. Others (carbon, recommendations) are not bills."""
READ_FILE: Final = "exports.json"
"""Beside the books: what was read of each export."""
COLUMNS: Final = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "identity_line_item_id", "identity_time_interval"),
    *("line_item_usage_account_id", "line_item_line_item_type", "line_item_usage_start_date"),
    *("line_item_usage_end_date", "line_item_product_code", "line_item_usage_type", "line_item_operation"),
    *("line_item_resource_id", "line_item_usage_amount", "line_item_currency_code", "line_item_unblended_cost"),
    *("line_item_line_item_description", "pricing_public_on_demand_cost", "pricing_unit", "product"),
    *("product_instance_type", "product_region_code", "reservation_reservation_a_r_n", "reservation_effective_cost"),
    "reservation_amortized_upfront_fee_for_billing_period",
    "reservation_unused_amortized_upfront_fee_for_billing_period",
    *("reservation_unused_quantity", "reservation_unused_recurring_fee", "savings_plan_savings_plan_a_r_n"),
    *("savings_plan_savings_plan_effective_cost", "savings_plan_total_commitment_to_date"),
    *("savings_plan_used_commitment", "resource_tags"),
)
"""What of CUR 2.0 is read: an export of these is the smallest that says everything shown here."""
_TABLE = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_PERIOD = re.compile(r"/BILLING_PERIOD=(\d{4}-\d{2})/")


@dataclass(frozen=True, slots=True)
class Export:
    """An export of bills that the account has."""

    name: str
    arn: str
    source: str
    """Such as `CUR 2.0`."""
    bucket: str
    prefix: str
    """Of its files, with a `/` at its end."""
    region: str
    """Of its bucket."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The files of a month as they lie in the bucket."""

    period: date
    keys: tuple[str, ...]
    size: int
    """In bytes."""
    modified: datetime


def list_exports(cloud: Cloud) -> tuple[Export, ...]:
    """The exports of bills. Raises: DeckError."""
    with translated("bcm-data-exports"):
        client = cloud.at(REGION).client("bcm-data-exports")
        pages = client.get_paginator("list_exports").paginate()
        arns = [each["ExportArn"] for page in pages for each in page["Exports"]]
        found = (_export(client.get_export(ExportArn=arn)["Export"]) for arn in arns)
        return tuple(each for each in found if each is not None)


def list_months(cloud: Cloud, export: Export) -> tuple[Delivered, ...]:
    """What was delivered, the oldest month first. Raises: DeckError."""
    with translated(export.bucket):
        pages = (
            cloud.at(export.region)
            .client("s3")
            .get_paginator("list_objects_v2")
            .paginate(Bucket=export.bucket, Prefix=f"{export.prefix}data/")
        )
        files: dict[str, list[Any]] = {}
        for page in pages:
            for each in page.get("Contents", ()):
                period = _PERIOD.search(each["Key"])
                if period and each["Size"]:
                    files.setdefault(period[1], []).append(each)
    return tuple(
        Delivered(
            period=date.fromisoformat(f"{period}-01"),
            keys=tuple(each["Key"] for each in found),
            size=sum(each["Size"] for each in found),
            modified=max(each["LastModified"] for each in found),
        )
        for period, found in sorted(files.items())
    )


def unread(folder: Path, export: Export, months: Sequence[Delivered]) -> tuple[Delivered, ...]:
    """Those that were written since they were last read into a book of this folder."""
    read = _read(folder).get(export.arn, {})
    return tuple(each for each in months if read.get(f"{each.period:%Y-%m}") != each.modified.isoformat())


def refresh(
    cloud: Cloud, export: Export, folder: Path, now: datetime, actor: Actor, progress: Progress = lambda *_: None
) -> int:
    """Read what is new of an export into the book of its payer; returns how many months that were. A month without a
    line yet is passed over.

    Raises: AccessDenied, NotFound when nothing was delivered yet, DeckError; what was known is then as it was.
    """
    access.require(actor, Act.KEEP_BILL)
    delivered = list_months(cloud, export)
    if not delivered:
        raise NotFound(f"{export.name} has not delivered a file yet.", resource=export.name, code="NoFiles")
    months = unread(folder, export, delivered)
    steps, read = 2 * len(months), 0
    for done, month in enumerate(months):
        progress(2 * done, steps)
        with TemporaryDirectory(prefix="flightdeck-bill-") as place:
            files = list(_download(cloud, export, month, Path(place)))
            progress(2 * done + 1, steps)
            try:
                # AWS wrote the month anew itself: it is what it is now.
                imports.take(folder, files, now, actor, may_shrink=True)
                read += 1
            except InvalidRequest as error:
                if error.code != NO_LINES:
                    raise
        _note(folder, export, month)
    return read


def ensure(owner: Account) -> None:
    """The export of a practice account, as a company's account has one: made when it is not there. It delivers all
    months of the account, so it is early enough to make it when somebody asks for the bill.

    Raises: DeckError.
    """
    cloud, name = Cloud(owner, REGION), "flightdeck"
    with translated(name):
        client = cloud.writer("bcm-data-exports")
        pages = client.get_paginator("list_exports").paginate()
        if any(each["ExportName"] == name for page in pages for each in page["Exports"]):
            return
        bucket = f"flightdeck-bills-{owner.account_id}"
        cloud.writer("s3").create_bucket(Bucket=bucket)
        client.create_export(Export=wanted(name, bucket, "bills"))


def wanted(name: str, bucket: str, prefix: str) -> dict[str, Any]:
    """The request for a CUR 2.0 export of what is read here."""
    table = {"TIME_GRANULARITY": "HOURLY", "INCLUDE_RESOURCES": "TRUE"}
    output = {"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}
    destination = {"S3Bucket": bucket, "S3Prefix": prefix, "S3Region": REGION, "S3OutputConfigurations": output}
    return {
        "Name": name,
        "DataQuery": {
            "QueryStatement": f"SELECT {', '.join(COLUMNS)} FROM COST_AND_USAGE_REPORT",
            "TableConfigurations": {"COST_AND_USAGE_REPORT": table},
        },
        "DestinationConfigurations": {"S3Destination": destination},
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }


def _export(said: Mapping[str, Any]) -> Export | None:
    table = _TABLE.search(said["DataQuery"]["QueryStatement"])
    source = TABLES.get(table[1].upper()) if table else None
    if source is None:
        return None
    place = said["DestinationConfigurations"]["S3Destination"]
    prefix = "/".join(part for part in (place["S3Prefix"].strip("/"), said["Name"]) if part)
    return Export(said["Name"], said["ExportArn"], source, place["S3Bucket"], f"{prefix}/", place["S3Region"])


def _download(cloud: Cloud, export: Export, month: Delivered, place: Path) -> Iterator[Path]:
    with translated(export.bucket):
        client = cloud.at(export.region).client("s3")
        for number, key in enumerate(month.keys):
            # Of the key only the end counts: that says what the file is.
            path = place / f"{number}-{re.sub(r'[^A-Za-z0-9._-]', '_', key.rsplit('/', 1)[-1])[-80:]}"
            client.download_file(export.bucket, key, str(path))
            yield path


def _read(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / READ_FILE
    known: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return known


def _note(folder: Path, export: Export, month: Delivered) -> None:
    known = _read(folder)
    known.setdefault(export.arn, {})[f"{month.period:%Y-%m}"] = month.modified.isoformat()
    draft = folder / f"{READ_FILE}.draft"
    draft.write_text(json.dumps(known, indent=1), encoding="utf-8")
    draft.replace(folder / READ_FILE)
