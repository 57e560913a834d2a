"""SageMaker's rate over EC2's, by type: measured on the type, else on its class."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Final

from data.compile.ec2 import on_demand_rates
from data.compile.scope import ESTIMATED, FAMILIES, family_of, in_scope
from data.compile.tables import Row, money, read

MEASURED_ON: Final = "2026-11-23"
SOURCE: Final = "SageMaker list rates of 2025-06 to 2026-09 over EC2 on-demand rates of the same type and region"

CLASSES: Final = {
    "general": (Decimal("1.20"), Decimal("1.20")),
    "g": (Decimal("1.40"), Decimal("1.25")),
    "p": (Decimal("1.15"), Decimal("1.15")),
    "inf": (Decimal("1.3057"), Decimal("1.20")),
}
"""Ratio of an .xlarge and of larger sizes; `inf` is inf2's, the only Inferentia with SageMaker figures."""

CLASS_OF: Final = {
    **dict.fromkeys(("g4dn", "g5", "g6", "g6e"), "g"),
    **dict.fromkeys(("p3", "p4d", "p4de", "p5", "trn1"), "p"),
    **dict.fromkeys(("inf1", "inf2"), "inf"),
}


@dataclass(frozen=True, slots=True)
class Ratio:
    """An `ml.` type's rate over the EC2 rate of the same type, and how it was measured."""

    instance_type: str
    value: Decimal
    basis: str


def ratios(folder: Path, names: Iterable[str]) -> dict[str, Ratio]:
    """One ratio for each `ml.` type named."""
    measured = {
        row["instance_type"]: Ratio(
            row["instance_type"], Decimal(money(row["ratio_median"])), f"the type in {row['n_regions']} regions"
        )
        for row in read(folder / "derived_sagemaker_to_ec2_ratio.csv")
        if family_of(row["instance_type"]) in FAMILIES
    }
    few = _on_few(folder)
    return {name: measured.get(name) or few.get(name) or _of_class(name) for name in sorted(names)}


def rows(known: Iterable[Ratio]) -> list[Row]:
    """The ratios as a shipped table."""
    shared = {"as_of": MEASURED_ON, "source": SOURCE, "confidence": ESTIMATED}
    return [
        {"instance_type": ratio.instance_type, "ratio": money(ratio.value), "basis": ratio.basis, **shared}
        for ratio in known
    ]


def _on_few(folder: Path) -> dict[str, Ratio]:
    """Types with a figure in a region or two: the median of what is there."""
    ec2 = on_demand_rates(folder)
    found: dict[str, list[Decimal]] = {}
    for row in read(folder / "sagemaker_prices.csv"):
        key = (row["region"], row["instance_type"].removeprefix("ml."))
        if in_scope(*key) and key in ec2:
            rate = Decimal(money(row["price_on_demand_usd_per_hour"]))
            found.setdefault(row["instance_type"], []).append(rate / ec2[key])
    return {
        name: Ratio(name, median(values).quantize(Decimal("0.0001")), "the type in one region")
        for name, values in found.items()
    }


def _of_class(name: str) -> Ratio:
    kind = CLASS_OF.get(family_of(name), "general")
    xlarge, larger = CLASSES[kind]
    value = xlarge if name.endswith(".xlarge") else larger
    return Ratio(name, value, "other types of its class")
