"""What the files of an export say before any of it is kept: months, totals, tags, and what does not add up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from services.bills import normal
from services.bills.files import NO_LINES, Export, open_export, reading, refused
from services.bills.shape import MOST_TAGS, tag_column
from services.bills.sources import held

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FEW_ROWS = 20
"""Fewer lines than these may all be whole dollars by chance."""
DISTINCT_SHARE = 0.9
"""An estimate of distinct lines is a few percent off: below this share they are counted."""
CENT = Decimal("0.01")
CURRENCY = "USD"
"""AWS reports in US dollars, whatever the invoice is paid in; China's regions have bills of their own."""
_DAILY = "charge_period_end - charge_period_start <= INTERVAL 1 DAY"
"""Fees are billed for all of the month on its first day: only what is billed by the hour or day tells how far it is."""


class Check(StrEnum):
    """What was held against each other."""

    COMMITMENTS = "commitments"
    """Reservations: what was used and what was not are together the fees of the month and its part of what was paid
    upfront."""
    SAVINGS_PLANS = "savings_plans"
    """What savings plans covered is taken off again, to the cent."""
    ROUNDED = "rounded"
    """Amortised costs are not whole dollars."""
    CREDITS = "credits"
    """Credits reduce the bill."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A check of a month; `off_by` in US dollars, or the number of lines."""

    check: Check
    period: date
    holds: bool
    off_by: Decimal


@dataclass(frozen=True, slots=True)
class Period:
    """What the files have of a month."""

    period: date
    lines: int
    billed_cost: Decimal
    effective_cost: Decimal
    until: datetime
    """Until when the bill has usage, UTC."""


@dataclass(frozen=True, slots=True)
class Understood:
    """What an import would bring."""

    export: Export
    billing_account_id: str
    sub_accounts: int
    periods: tuple[Period, ...]
    """The oldest first."""
    tags: Mapping[str, str]
    """Tag key as in the files → its column."""
    tags_left_out: tuple[str, ...]
    untagged_share: float
    """Of the usage lines, 0 to 1: those without any tag of the company's own."""
    dropped: int
    """Lines that count an instance's cost a second time, for what ran on it."""
    checks: tuple[Checked, ...]


def understand(database: "DuckDBPyConnection", files: Sequence[Path]) -> Understood:
    """Read the files once. Raises InvalidRequest, the reason as its code."""
    export = open_export(database, files)
    with reading(_names(files)):
        keys = _tag_keys(database, export)
        kept = keys[:MOST_TAGS]
        tags = {key: tag_column(key) for key in kept}
        database.execute(f"CREATE OR REPLACE TEMP VIEW export AS {normal.lines(export, tags)}")
        periods, account = _totals(database, export)
        _refuse_twice(database, export)
        return Understood(
            export=export,
            billing_account_id=account,
            sub_accounts=_one(database, "SELECT count(DISTINCT sub_account_id) FROM export"),
            periods=periods,
            tags=tags,
            tags_left_out=tuple(keys[MOST_TAGS:]),
            untagged_share=_untagged(database, tags),
            dropped=_one(
                database, f"SELECT count(*) FROM {export.table} WHERE NOT {export.format.keep(export.columns)}"
            ),
            checks=_checks(database, export),
        )


def _totals(database: "DuckDBPyConnection", export: Export) -> tuple[tuple[Period, ...], str]:
    rows = database.execute(
        "SELECT billing_period, count(*), sum(billed_cost), sum(effective_cost),"
        f" coalesce(max(charge_period_end) FILTER ({_DAILY}), max(charge_period_end)),"
        " list(DISTINCT billing_account_id), list(DISTINCT billing_currency),"
        " count(*) FILTER (billed_cost IS NULL OR effective_cost IS NULL),"
        " count(*) FILTER (billing_period IS NULL OR charge_period_start IS NULL)"
        " FROM export GROUP BY 1 ORDER BY 1"
    ).fetchall()
    name = _names(export.files)
    if not rows:
        raise refused(NO_LINES, f"{name} has no line items.", name)
    if costless := sum(row[7] for row in rows):
        raise refused("NotANumber", f"{name} has {costless:,} lines without a cost.", name)
    if timeless := sum(row[8] for row in rows):
        raise refused("NotANumber", f"{name} has {timeless:,} lines without a time.", name)
    accounts, currencies = ({each or "?" for row in rows for each in row[at]} for at in (5, 6))
    if len(currencies) != 1:
        raise refused("MixedCurrencies", f"{name} has charges in {', '.join(sorted(currencies))}.", name)
    if currencies != {CURRENCY}:
        raise refused("OtherCurrency", f"{name} is in {min(currencies)}.", name)
    if len(accounts) != 1:
        raise refused("MixedFiles", f"{name} has bills of several payers: {', '.join(sorted(accounts))}.", name)
    periods = tuple(Period(row[0], row[1], row[2], row[3], row[4].replace(tzinfo=UTC)) for row in rows)
    return periods, min(accounts)


def _refuse_twice(database: "DuckDBPyConnection", export: Export) -> None:
    """The same month in two files, or twice in one."""
    columns = export.columns
    identity, interval = columns.find("identity_line_item_id"), columns.find("identity_time_interval")
    if identity is None or interval is None:
        return
    both = f"{held(identity)}, {held(interval)}"
    count, about = database.execute(
        f"SELECT count(*), approx_count_distinct(hash({both})) FROM {export.table}"
    ).fetchall()[0]
    if about >= DISTINCT_SHARE * count:
        return
    distinct = _one(database, f"SELECT count(*) FROM (SELECT DISTINCT {both} FROM {export.table})")
    if distinct < count:
        name = _names(export.files)
        raise refused("DuplicatedMonth", f"{name} has {count - distinct:,} lines twice.", name)


def _checks(database: "DuckDBPyConnection", export: Export) -> tuple[Checked, ...]:
    amortised = export.columns.number("reservation_amortized_upfront_fee_for_billing_period")
    fees = export.columns.find("reservation_amortized_upfront_fee_for_billing_period")
    upfront = {}
    if fees:
        start = export.columns.time("bill_billing_period_start_date")
        upfront = dict(
            database.execute(
                f"SELECT date_trunc('month', {start})::DATE, sum({amortised}) FROM {export.table} GROUP BY 1"
            ).fetchall()
        )
    rows = database.execute(
        "SELECT billing_period,"
        " sum(effective_cost) FILTER (line_item_type IN ('DiscountedUsage', 'RIFee')),"
        " sum(billed_cost) FILTER (line_item_type = 'RIFee'),"
        " sum(billed_cost) FILTER (line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')),"
        " count(*) FILTER (effective_cost <> round(effective_cost)),"
        " count(*) FILTER (billed_cost <> round(billed_cost)),"
        " count(*) FILTER (charge_category = 'Credit' AND billed_cost > 0), count(*)"
        " FROM export GROUP BY 1 ORDER BY 1"
    ).fetchall()
    found = []
    for period, committed, recurring, covered, fractions, billed_fractions, wrong_credits, count in rows:
        if committed is not None and fees:
            off = committed - (recurring or 0) - Decimal(str(upfront.get(period) or 0))
            found.append(Checked(Check.COMMITMENTS, period, abs(off) < CENT, off))
        if covered is not None:
            found.append(Checked(Check.SAVINGS_PLANS, period, abs(covered) < CENT, covered))
        if count >= FEW_ROWS and billed_fractions:
            found.append(Checked(Check.ROUNDED, period, fractions > 0, Decimal(billed_fractions)))
        if wrong_credits:
            found.append(Checked(Check.CREDITS, period, False, Decimal(wrong_credits)))
    return tuple(found)


def _tag_keys(database: "DuckDBPyConnection", export: Export) -> list[str]:
    """The company's own first: of those that have to be left out, AWS's go."""
    keys = export.columns.keys(export.format.tag_map)
    found = list(export.format.tag_columns(export.columns))
    if keys is not None:
        rows = database.execute(f"SELECT DISTINCT unnest({keys}) FROM {export.table}").fetchall()
        found += [row[0] for row in rows]
    return sorted(found, key=lambda key: (key.startswith("aws"), key))


def _untagged(database: "DuckDBPyConnection", tags: Mapping[str, str]) -> float:
    own = sorted({column for key, column in tags.items() if not key.startswith("aws")})
    if not own:
        return 1.0
    none = f"coalesce({', '.join(own)}) IS NULL"
    usage = "charge_category = 'Usage'"
    share = _one(database, f"SELECT count(*) FILTER ({none}) / greatest(count(*), 1) FROM export WHERE {usage}")
    return float(share)


def _one(database: "DuckDBPyConnection", sql: str) -> int:
    (row,) = database.execute(sql).fetchall()
    return row[0]  # type: ignore[no-any-return]


def _names(files: Sequence[Path]) -> str:
    return files[0].name if len(files) == 1 else f"{files[0].name} + {len(files) - 1}"
