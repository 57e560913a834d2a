"""Where spot capacity can be had, at what prices over time, and how often it is taken back.

Nobody publishes a price by zone and hour for the past: between the dates of the shipped history, which are a region's,
each zone's price is a walk that meets every known rate and never leaves their range. An assumption, as is the hazard.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import inf, log1p
from typing import TYPE_CHECKING

import numpy as np

from services import catalogue, prices, spot_rates
from services.errors import InvalidRequest, NotFound
from services.mix_pricings import HOURS_PER_MONTH
from services.prices import Price
from services.spot_rates import SpotAdvice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WALK_PER_HOUR = 0.004
"""Standard deviation of the logarithm of a zone's price from one hour to the next: an assumption."""
BAND_MIDDLES = {"<5%": 0.025, "5-10%": 0.075, "10-15%": 0.125, "15-20%": 0.175, ">20%": 0.25}
"""The share of capacity taken back in a month that stands for each of the advisor's bands: the middle of a band, and a
quarter for the one that has no end. An assumption."""
WORST_BAND = ">20%"
"""Where nobody advises: an assumption too."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone's prices and dangers."""

    name: str
    region: str
    hazard_per_hour: float
    """Of one instance to be taken back in the next hour."""
    on_demand: Price
    """Of the region."""
    advice: SpotAdvice | None
    """What the hazard comes from; None when it was given, or nobody advises."""


@dataclass(frozen=True, slots=True)
class Market:
    """Zones side by side: `usd_per_hour[hour][zone]` of one instance."""

    zones: tuple[Zone, ...]
    usd_per_hour: "Floats"
    as_of: date
    source: str
    assumed: bool
    """Whether the prices between dates are walked, and not a trace."""

    def __post_init__(self) -> None:
        if self.usd_per_hour.shape[1] != len(self.zones) or not len(self.zones):
            raise ValueError("a column for every zone")

    def only(self, zones: Sequence[int]) -> "Market":
        """Some of the zones."""
        columns = self.usd_per_hour[:, list(zones)]
        return Market(tuple(self.zones[at] for at in zones), columns, self.as_of, self.source, self.assumed)


def hazard_per_hour(band: str) -> float:
    """From the advisor's share p of capacity taken back in a month: −ln(1 − p) / 730, as if memoryless. Assumption."""
    return -log1p(-BAND_MIDDLES[band]) / float(HOURS_PER_MONTH)


def mean_hours(hazard: float, instances: int) -> float:
    """To the first interruption of any of the instances; infinite without a hazard."""
    return 1 / (hazard * instances) if hazard else inf


def shipped_market(instance_type: str, regions: Sequence[str], *, times_as_often: float = 1.0, seed: int = 0) -> Market:
    """Every zone of the regions that has the type, on the shipped history; the same seed walks the same way.

    `times_as_often` multiplies the hazard. Raises: NotFound where a region has no spot history or no zone of the type,
    InvalidRequest for a negative multiple.
    """
    if times_as_often < 0:
        raise InvalidRequest("Interruptions cannot be less often than never.", resource="times_as_often")
    zones: list[Zone] = []
    columns: list[Floats] = []
    histories = [_history(region, instance_type) for region in regions]
    for region, history in zip(regions, histories, strict=True):
        advice = _advice(region, instance_type)
        band = advice.interruption if advice else WORST_BAND
        on_demand = prices.ec2_price(region, instance_type)
        for name in _zones(region, instance_type):
            zones.append(Zone(name, region, hazard_per_hour(band) * times_as_often, on_demand, advice))
            columns.append(_walk(history, f"{seed}/{instance_type}/{name}"))
    last = histories[0][-1]
    shortest = min(column.size for column in columns)
    return Market(
        tuple(zones), np.column_stack([column[-shortest:] for column in columns]), last.as_of, last.source, True
    )


def _history(region: str, instance_type: str) -> tuple[Price, ...]:
    history = spot_rates.spot_history(region, instance_type)
    if len(history) < 2:
        raise NotFound(
            f"There is no spot history of {instance_type} in {region}.",
            resource=instance_type,
            remedy="Choose another instance type or region, or bring prices of your own.",
        )
    return history


def _advice(region: str, instance_type: str) -> SpotAdvice | None:
    """The newest."""
    advice = spot_rates.spot_advice(region, instance_type)
    return advice[-1] if advice else None


def _zones(region: str, instance_type: str) -> tuple[str, ...]:
    offered = catalogue.offering(region, instance_type)
    if offered is None or not offered.zones:
        raise NotFound(f"{region} has no zone with {instance_type}.", resource=instance_type)
    return offered.zones


def _walk(history: Sequence[Price], seed: str) -> "Floats":
    """Hourly prices from the first date to the last: a bridge in logarithms between the known rates."""
    draws = np.random.default_rng(zlib.crc32(seed.encode()))
    rates = np.array([float(price.usd_per_hour) for price in history])
    stretches = []
    known = list(zip(history, np.log(rates), strict=True))
    for (one, low), (other, high) in pairwise(known):
        hours = (other.as_of - one.as_of).days * 24
        steps = draws.normal(0, WALK_PER_HOUR, hours).cumsum()
        share = np.arange(1, hours + 1) / hours
        stretches.append(low + share * (high - low) + steps - share * steps[-1])
    walked = np.exp(np.concatenate([[np.log(rates[0])], *stretches]))
    bounded: Floats = np.clip(walked, rates.min(), rates.max())
    return bounded
