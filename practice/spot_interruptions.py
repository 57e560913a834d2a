"""How long spot capacity lasts before AWS takes it back: drawn from a seed at the rates of the Spot Instance advisor.

The advisor (aws.amazon.com/ec2/spot/instance-advisor) names, for a type and region, the share p of capacity that was
taken back within a month, as a band. Assumptions of ours: the middle stands for a band, a quarter for the one without
an end; interruptions have no memory, so that one instance is taken back at −ln(1 − p) / 730 an hour and a job of n
instances n times as often; a type that nobody advises about is in the worst band.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from hashlib import blake2b
from math import log, log1p

from practice import figures

BAND_MIDDLES = {"<5%": 0.025, "5-10%": 0.075, "10-15%": 0.125, "15-20%": 0.175, ">20%": 0.25}
WORST_BAND = ">20%"
HOURS_A_MONTH = 730
SEED = "interruptions-1"


def hazard_per_hour(region: str, instance_type: str) -> float:
    """How often one instance is taken back, in times an hour (EC2's or SageMaker's name of the type)."""
    band = _bands().get((region, instance_type.removeprefix("ml.")), WORST_BAND)
    return -log1p(-BAND_MIDDLES[band]) / HOURS_A_MONTH


def lasts(region: str, instance_type: str, instances: int, name: str) -> timedelta:
    """How long capacity of so many instances lasts until the first is taken back. The same name, the same draw."""
    drawn = (int.from_bytes(blake2b(f"{SEED}/{name}".encode(), digest_size=8).digest()) + 1) / (2**64 + 1)
    return timedelta(hours=-log(drawn) / (hazard_per_hour(region, instance_type) * instances))


@cache
def _bands() -> Mapping[tuple[str, str], str]:
    """(region, EC2 type) → the band of the newest date."""
    dated = sorted(figures.rows("spot_advice.parquet"), key=lambda row: row["as_of"])
    return {(row["region"], row["instance_type"]): row["interruption"] for row in dated}
