"""What an export may ask for: the columns of its query, and how its table is made.

docs.aws.amazon.com/cur/latest/userguide/dataexports-data-query.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from practice.bill.columns import COLUMNS, RESOURCE
from practice.errors import not_implemented, validation_error
from practice.operations import Request

TABLE = "COST_AND_USAGE_REPORT"

PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "TIME_GRANULARITY": ("HOURLY", "DAILY", "MONTHLY"),
    "INCLUDE_RESOURCES": ("FALSE", "TRUE"),
    "INCLUDE_SPLIT_COST_ALLOCATION_DATA": ("FALSE", "TRUE"),
    "INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY": ("FALSE", "TRUE"),
}
"""What the table can be told, with the values that it knows, the default first."""
_FALSE_ALONE = ("INCLUDE_SPLIT_COST_ALLOCATION_DATA", "INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY")

_QUERY = re.compile(rf"\s*SELECT\s+(.+?)\s+FROM\s+{TABLE}\b\s*(.*?)\s*;?\s*", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(r"\s*(\w+)(?:\s+AS\s+(\w+))?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """What an export holds."""

    selected: Mapping[str, str]
    """Name in the file → column."""
    granularity: str
    resources: bool


def read_query(data_query: Request) -> Query:
    """Raises ServiceError: ValidationException, NotImplemented for more than columns of the one table."""
    told = _told(data_query.get("TableConfigurations", {}))
    found = _QUERY.fullmatch(data_query["QueryStatement"])
    if found is None:
        raise validation_error(f"A query can only select columns of the table {TABLE}.")
    if found[2]:
        raise not_implemented("bcm-data-exports", f"CreateExport with {found[2].split()[0]} in its query")
    query = Query(_selected(found[1]), told["TIME_GRANULARITY"], told["INCLUDE_RESOURCES"] == "TRUE")
    if RESOURCE in query.selected.values() and not query.resources:
        raise validation_error(f"Column {RESOURCE} is only in the table with INCLUDE_RESOURCES.")
    return query


def _selected(said: str) -> dict[str, str]:
    selected: dict[str, str] = {}
    for part in said.split(","):
        column = _COLUMN.fullmatch(part)
        name = column[1].lower() if column else ""
        if column is None or name not in COLUMNS:
            raise validation_error(f"The table {TABLE} has no column {part.strip()}.")
        selected[column[2] or name] = name
    return selected


def _told(configurations: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    if configurations.keys() - {TABLE}:
        raise validation_error(f"The table {min(configurations.keys() - {TABLE})} is not in the query.")
    said = configurations.get(TABLE, {})
    for name, value in said.items():
        if value not in PROPERTIES.get(name, ()):
            raise validation_error(f"{TABLE} has no table property {name} of the value {value}.")
        if name in _FALSE_ALONE and value != "FALSE":
            raise not_implemented("bcm-data-exports", f"CreateExport with {name}")
    return {name: said.get(name, values[0]) for name, values in PROPERTIES.items()}


def check_output(destination: Mapping[str, Any]) -> None:
    """Raises ServiceError: ValidationException for a format that is compressed as another, NotImplemented for one that
    is not written here."""
    output = destination["S3OutputConfigurations"]
    if (output["Format"] == "PARQUET") != (output["Compression"] == "PARQUET"):
        raise validation_error(f"The format {output['Format']} cannot be compressed as {output['Compression']}.")
    for name, known in (("Format", "PARQUET"), ("Overwrite", "OVERWRITE_REPORT"), ("OutputType", "CUSTOM")):
        if output[name] != known:
            raise not_implemented("bcm-data-exports", f"CreateExport with {name} {output[name]}")
