"""A user's own spot prices from an uploaded CSV: time, zone, usd_per_hour, an hour a row."""

from datetime import date

import numpy as np

from services import catalogue, prices
from services.csv_rows import Cell, Row, hourly, read_rows
from services.spot_markets import Market, Zone

REQUIRED = ("time", "zone", "usd_per_hour")
MOST_HOURS = 24 * 366
MOST_USD_PER_HOUR = 1_000


def read_market(name: str, content: bytes, instance_type: str, hazard_per_hour: float) -> Market:
    """A file's zones, all of one region; `time` is ISO 8601 in UTC and a full hour, every zone has every hour.

    Interruptions are not in a price trace: `hazard_per_hour` of one instance is what the caller assumes. Raises:
    InvalidRequest, with the row, for gaps, overlaps, rows out of order, prices that are negative or no numbers, unknown
    zones and a second region; NotFound when the type has no on-demand rate there.
    """
    rows = read_rows(name, content, REQUIRED)
    region = _region(rows[0])
    cells = (
        Cell(row, row.hour("time"), _zone(row, region), row.number_in("usd_per_hour", MOST_USD_PER_HOUR))
        for row in rows
    )
    start, names, values = hourly(cells, most_hours=MOST_HOURS)
    on_demand = prices.ec2_price(region, instance_type)
    zones = tuple(Zone(each, region, hazard_per_hour, on_demand, None) for each in names)
    table = np.array([[float(usd) for usd in hour] for hour in values])
    return Market(zones, table, date(start.year, start.month, start.day), name, False)


def _region(row: Row) -> str:
    zone = row.cells["zone"]
    for region in catalogue.regions():
        if zone.startswith(region.name) and len(zone) == len(region.name) + 1 and zone[-1].islower():
            return region.name
    raise row.refuse(f"zone {zone!r} is in no region that there are figures for")


def _zone(row: Row, region: str) -> str:
    there = _region(row)
    if there != region:
        raise row.refuse(f"zone {row.cells['zone']} is in {there} and the first row in {region}: one region a file")
    return row.cells["zone"]
