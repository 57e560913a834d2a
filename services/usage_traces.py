"""Hourly usage from an uploaded CSV: hour, instance_type, count, and where they differ component and region."""

from services import catalogue
from services.csv_rows import Cell, Row, hourly, read_rows
from services.errors import NotFound
from services.usages import MOST_HOURS, Line, Usage

REQUIRED, OPTIONAL = ("hour", "instance_type", "count"), ("component", "region")
DEFAULT_COMPONENT = "training"
"""Of an `ml.` type whose row names none; the components of one type and region agree within 0.33 %."""
MOST_INSTANCES = 100_000


def read_usage(name: str, content: bytes, region: str) -> Usage:
    """A file's usage; rows without a region are of `region`.

    `hour` is ISO 8601 in UTC and a full hour; every line has a row in every hour, 0 where nothing ran, hours in order,
    at most 744 of them. Raises: InvalidRequest, with the row, for anything else, before anything is reckoned.
    """
    rows = read_rows(name, content, REQUIRED, OPTIONAL)
    known: dict[tuple[str, str, str], Line] = {}
    cells = (
        Cell(row, row.hour("hour"), _line(row, region, known), row.number_in("count", MOST_INSTANCES)) for row in rows
    )
    start, keys, values = hourly(cells, most_hours=MOST_HOURS)
    return Usage(start, tuple(Line(*key) for key in keys), values)


def _line(row: Row, region: str, known: dict[tuple[str, str, str], Line]) -> tuple[str, str, str]:
    asked = (row.cells["region"] or region, row.cells["instance_type"], row.cells["component"])
    if asked not in known:
        known[asked] = _checked(row, *asked)
    line = known[asked]
    return line.region, line.instance_type, line.component


def _checked(row: Row, region: str, instance_type: str, component: str) -> Line:
    if region not in {each.name for each in catalogue.regions()}:
        raise row.refuse(f"there are no figures for region {region!r}")
    try:
        spec = catalogue.instance_type(instance_type)
    except NotFound as exc:
        raise row.refuse(f"there are no figures for instance type {instance_type!r}") from exc
    line = Line(region, instance_type, component)
    if line.service == "ec2":
        if component:
            raise row.refuse(f"{instance_type} is an EC2 type and has no component")
        return line
    component = component or DEFAULT_COMPONENT
    if component not in spec.components:
        raise row.refuse(f"{instance_type} has no component {component!r}")
    return Line(region, instance_type, component)
