"""Reserved instances that can be bought, from the listed reserved rates; partial and all upfront are estimates.

docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeReservedInstancesOfferings.html
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from practice import figures
from practice.ec2.replies import check_dry_run, kept, wanted
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation

SECONDS_A_YEAR = 31_536_000
PAGE = 100
PAYMENTS = {"no_upfront": "No Upfront", "partial_upfront": "Partial Upfront", "all_upfront": "All Upfront"}
PRODUCT = "Linux/UNIX"
_NAMES = UUID("6f1d0f0e-6a0b-5f64-9d4e-2f8a7b1c3d5e")
"""What offerings are named under: the same offering has the same id in every account and at every start."""
FILTERS = {
    "availability-zone": "AvailabilityZone",
    "duration": "Duration",
    "fixed-price": "FixedPrice",
    "instance-type": "InstanceType",
    "product-description": "ProductDescription",
    "reserved-instances-offering-id": "ReservedInstancesOfferingId",
    "scope": "Scope",
    "usage-price": "UsagePrice",
    "offering-class": "OfferingClass",
}
MEMBERS = {
    "InstanceType": "InstanceType",
    "OfferingClass": "OfferingClass",
    "OfferingType": "OfferingType",
    "ProductDescription": "ProductDescription",
    "InstanceTenancy": "InstanceTenancy",
    "ReservedInstancesOfferingIds": "ReservedInstancesOfferingId",
}


@dataclass(frozen=True, slots=True)
class Offering:
    """One reservation that a region offers."""

    id: str
    region: str
    instance_type: str
    term_years: int
    offering_class: str
    """standard or convertible."""
    payment: str
    """As EC2 says it: No Upfront, Partial Upfront, All Upfront."""
    upfront_usd: Decimal
    usd_per_hour: Decimal

    @property
    def seconds(self) -> int:
        return self.term_years * SECONDS_A_YEAR

    def shown(self) -> dict[str, Any]:
        """What every reply about it says."""
        return {
            "InstanceType": self.instance_type,
            "Duration": self.seconds,
            "UsagePrice": 0.0,
            "FixedPrice": float(self.upfront_usd),
            "ProductDescription": PRODUCT,
            "InstanceTenancy": "default",
            "CurrencyCode": "USD",
            "OfferingClass": self.offering_class,
            "OfferingType": self.payment,
            "RecurringCharges": [{"Amount": float(self.usd_per_hour), "Frequency": "Hourly"}],
            "Scope": "Region",
        }


@cache
def offerings(region: str) -> dict[str, Offering]:
    """Id → every offering of a region, by type, term, class and payment."""
    rows = [
        row
        for row in figures.rows("ec2_prices.parquet")
        if row["purchase_option"] == "reserved" and row["region"] == region
    ]
    found = [
        Offering(
            id=str(uuid5(_NAMES, "/".join(str(row[name]) for name in _KEY))),
            region=region,
            instance_type=row["instance_type"],
            term_years=row["term_years"],
            offering_class=row["offering_class"],
            payment=PAYMENTS[row["payment_option"]],
            upfront_usd=Decimal(row["upfront_usd"]),
            usd_per_hour=Decimal(row["usd_per_hour"]),
        )
        for row in rows
    ]
    found.sort(key=lambda each: (each.instance_type, each.term_years, each.offering_class, each.payment))
    return {each.id: each for each in found}


_KEY = ("region", "instance_type", "term_years", "offering_class", "payment_option")


@operation("ec2", "DescribeReservedInstancesOfferings")
def describe_reserved_instances_offerings(context: Context, request: Request) -> Reply:
    check_dry_run(request)
    asked = wanted(request, FILTERS, MEMBERS)
    low, high = request.get("MinDuration", 0), request.get("MaxDuration", 10 * SECONDS_A_YEAR)
    rows = [
        {**each.shown(), "ReservedInstancesOfferingId": each.id, "Marketplace": False, "PricingDetails": []}
        for each in offerings(context.region).values()
        if low <= each.seconds <= high
    ]
    # A reservation for a zone costs the same and is not among the figures: asked for a zone, there is none.
    zoned = "AvailabilityZone" in request
    rows = [row for row in rows if kept(row, asked) and not zoned]
    shown, token = page(rows, request, lambda row: str(row["ReservedInstancesOfferingId"]), size=PAGE)
    return reply({"ReservedInstancesOfferings": shown, "NextToken": token or ""})
