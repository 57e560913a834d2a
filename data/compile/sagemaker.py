"""SageMaker's rates by component: its own figure, else another component's, else a ratio times EC2's."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final, TypeAlias

from data.compile.machines import api_components
from data.compile.ratios import Ratio
from data.compile.scope import DOUBTFUL, ESTIMATED, LISTED, OTHER_COMPONENT, REGIONS, REPORTED, in_scope
from data.compile.tables import Row, money, plain_source, read

COMPONENTS: Final = {
    "Notebook": "notebook",
    "Studio-Notebook": "studio",
    "Studio-JupyterLab": "studio",
    "Training": "training",
    "Training Warm Pool": "warm_pool",
    "Processing": "processing",
    "Hosting": "hosting",
    "AsyncInference": "async_inference",
    "BatchTransform": "batch_transform",
}
"""What the price list calls a component, and what the product calls it."""

NEAREST: Final = ("training", "processing", "hosting", "batch_transform", "async_inference", "warm_pool")
KIN: Final = {
    "notebook": ("studio", *NEAREST),
    "studio": ("notebook", *NEAREST),
    **dict.fromkeys(NEAREST, (*NEAREST, "notebook", "studio")),
}
"""Whose figure stands in for a missing one, nearest first."""

AGREEMENT: Final = Decimal("0.005")
"""Components of one type and region agree within 0.33 %; one further off than this is out of date."""
BILLED: Final = "C: unit rates printed on a real AWS bill"

Figures: TypeAlias = dict[str, Row]
"""Component to its best own figure, for one type in one region."""


def sagemaker_prices(folder: Path, ratios: Mapping[str, Ratio]) -> list[Row]:
    """Every component that takes the type, in every region that lists it or whose EC2 offers it."""
    found = _own_figures(folder)
    ec2 = {
        (row["region"], row["instance_type"]): row
        for row in read(folder / "ec2_prices.parquet")
        if row["pricing_model"] == "on_demand"
    }
    offered = {(row["region"], row["instance_type"]) for row in read(folder / "ec2_offerings.parquet")}
    prices = _training_plans(folder)
    for name, components in api_components().items():
        ec2_name = name.removeprefix("ml.")
        for region in REGIONS:
            own = _without_contradicted(found.get((region, name), {}))
            missing = [component for component in components if component not in own]
            prices += own.values()
            if own:
                prices += [_borrowed(own, component) for component in missing]
            elif (region, ec2_name) in offered:
                listed = ec2[region, ec2_name]
                prices += [_estimated(listed, name, component, ratios[name]) for component in missing]
    return _with_doubts(prices)


def _own_figures(folder: Path) -> dict[tuple[str, str], Figures]:
    """The best figure of each component: listed before reported, then the newest."""
    best: dict[tuple[str, str], Figures] = {}
    for row in read(folder / "sagemaker_prices.csv"):
        if in_scope(row["region"], row["instance_type"]):
            figures = best.setdefault((row["region"], row["instance_type"]), {})
            figure = _figure(row, COMPONENTS[row["component"]])
            figures[figure["component"]] = max(figures.get(figure["component"], figure), figure, key=_trust)
    return best


def _figure(row: Row, component: str) -> Row:
    reported = row["evidence"].startswith("D") or row["evidence"] == BILLED
    return {
        "region": row["region"],
        "instance_type": row["instance_type"],
        "component": component,
        "usd_per_hour": money(row["price_on_demand_usd_per_hour"]),
        "as_of": row["as_of"],
        "source": plain_source(row["source"]),
        "confidence": REPORTED if reported else LISTED,
        "note": row["evidence"].split(": ", 1)[1],
    }


def _trust(figure: Row) -> tuple[bool, str]:
    return figure["confidence"] == LISTED, figure["as_of"]


def _without_contradicted(figures: Figures) -> Figures:
    """Drop the reported figures that a newer listed one of another component contradicts: a price was cut since."""
    listed = [figure for figure in figures.values() if figure["confidence"] == LISTED]
    if not listed:
        return figures
    newest = max(listed, key=_trust)
    rate = Decimal(newest["usd_per_hour"])
    return {
        component: figure
        for component, figure in figures.items()
        if figure["confidence"] == LISTED
        or figure["as_of"] > newest["as_of"]
        or abs(Decimal(figure["usd_per_hour"]) / rate - 1) <= AGREEMENT
    }


def _borrowed(own: Figures, component: str) -> Row:
    near = [own[kin] for kin in KIN[component] if kin in own]
    lender = next((figure for figure in near if figure["confidence"] == LISTED), near[0])
    note = f"the {lender['component']} rate" + ("" if lender["confidence"] == LISTED else f", {lender['confidence']}")
    return lender | {"component": component, "confidence": OTHER_COMPONENT, "note": note}


def _estimated(ec2: Row, name: str, component: str, ratio: Ratio) -> Row:
    rate = Decimal(money(ec2["price_usd_per_hour"])) * ratio.value
    return {
        "region": ec2["region"],
        "instance_type": name,
        "component": component,
        "usd_per_hour": money(rate.quantize(Decimal("0.0001"), ROUND_HALF_UP)),
        "as_of": ec2["as_of"],
        "source": ec2["source"],
        "confidence": ESTIMATED,
        "note": f"EC2 on-demand x {money(ratio.value)}",
    }


def _training_plans(folder: Path) -> list[Row]:
    return [
        {
            **row,
            "component": "training_plan",
            "usd_per_hour": money(row["price_usd_per_hour"]),
            "confidence": LISTED,
            "note": "flexible training plan, paid at the start",
        }
        for row in read(folder / "sagemaker_training_plans.csv")
        if in_scope(row["region"], row["instance_type"])
    ]


def _with_doubts(prices: list[Row]) -> list[Row]:
    """Mark p4de rates that equal p4d's: a machine with twice the GPU memory does not cost the same."""
    p4d = {(row["region"], row["usd_per_hour"]) for row in prices if row["instance_type"].startswith("ml.p4d.")}
    note = "equal to ml.p4d.24xlarge in the list, which has half the GPU memory"
    return [
        row | {"confidence": DOUBTFUL, "note": note}
        if row["instance_type"].startswith("ml.p4de.") and (row["region"], row["usd_per_hour"]) in p4d
        else row
        for row in prices
    ]
