"""Terms of sale in the price list's shape: on demand, and reserved for one or three years.

docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

ON_DEMAND = "JRTCKXETXF"
RESERVED = MappingProxyType(
    {
        (1, "standard", "no_upfront"): "4NA7Y494T4",
        (1, "standard", "partial_upfront"): "HU7G6KETJZ",
        (1, "standard", "all_upfront"): "6QCMYABX3D",
        (1, "convertible", "no_upfront"): "7NE97W5U4E",
        (1, "convertible", "partial_upfront"): "CUZHX8X6JH",
        (1, "convertible", "all_upfront"): "VJWZNREJX2",
        (3, "standard", "no_upfront"): "BPH4J8HBKS",
        (3, "standard", "partial_upfront"): "38NPMPTW36",
        (3, "standard", "all_upfront"): "NQ3QZPMQV9",
        (3, "convertible", "no_upfront"): "Z2E3P23VKM",
        (3, "convertible", "partial_upfront"): "R5XV2EPZQZ",
        (3, "convertible", "all_upfront"): "MZU6U2429S",
    }
)
"""(years, offering class, payment option) → AWS's own offer term code, the same for every product."""

HOURLY, UPFRONT = "6YS6EN2CT7", "2TG2D8R56U"
"""What a rate code ends with: for what is paid by use, and once at the start."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A price. `usd` is what one `unit` costs."""

    code: str
    unit: str
    usd: Decimal
    description: str


@dataclass(frozen=True, slots=True)
class Term:
    """One way to buy a product. `attributes` are none of an on-demand term."""

    kind: str
    """OnDemand or Reserved"""
    code: str
    effective: date
    dimensions: tuple[Dimension, ...]
    attributes: Mapping[str, str] = field(default_factory=dict)


def on_demand(usd: Decimal, effective: date, description: str, *, unit: str = "Hrs") -> Term:
    """A term paid as it is used."""
    return Term("OnDemand", ON_DEMAND, effective, (Dimension(HOURLY, unit, usd, description),))


def reserved(row: Mapping[str, Any]) -> Term:
    """The term of a row of ec2_prices.parquet that is reserved. How sure it is stands in its attributes, unless it is
    listed."""
    option = row["payment_option"].replace("_", " ").title()
    attributes = {
        "LeaseContractLength": f"{row['term_years']}yr",
        "OfferingClass": row["offering_class"],
        "PurchaseOption": option,
    }
    if row["confidence"] != "listed":
        attributes |= {"Confidence": row["confidence"], "ConfidenceNote": row["note"] or ""}
    applied = f"Linux/UNIX (Amazon VPC), {row['instance_type']} reserved instance applied"
    dimensions = [Dimension(HOURLY, "Hrs", Decimal(row["usd_per_hour"]), applied)]
    if row["payment_option"] != "no_upfront":
        dimensions.insert(0, Dimension(UPFRONT, "Quantity", Decimal(row["upfront_usd"]), "Upfront Fee"))
    code = RESERVED[row["term_years"], row["offering_class"], row["payment_option"]]
    return Term("Reserved", code, row["as_of"], tuple(dimensions), attributes)


def written(sku: str, term: Term) -> dict[str, Any]:
    """The term under its product's SKU, as the price list has it."""
    offer = f"{sku}.{term.code}"
    return {
        "sku": sku,
        "offerTermCode": term.code,
        "effectiveDate": f"{term.effective:%Y-%m-%dT00:00:00Z}",
        "termAttributes": dict(term.attributes),
        "priceDimensions": {
            f"{offer}.{each.code}": _dimension(f"{offer}.{each.code}", each) for each in term.dimensions
        },
    }


def _dimension(rate_code: str, dimension: Dimension) -> dict[str, Any]:
    # AWS pads what is paid by use to ten decimals, and writes what is paid once, without a range, as it is.
    by_use = dimension.code == HOURLY
    return {
        "rateCode": rate_code,
        "unit": dimension.unit,
        "description": dimension.description,
        "appliesTo": [],
        **({"beginRange": "0", "endRange": "Inf"} if by_use else {}),
        "pricePerUnit": {"USD": f"{dimension.usd:.10f}" if by_use else f"{dimension.usd:f}"},
    }
