"""The newest spot prices and Savings Plans rates that AWS names, as rows of `services.offer_rates`.

docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html,
docs.aws.amazon.com/savingsplans/latest/APIReference/API_DescribeSavingsPlansOfferingRates.html
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from services import catalogue
from services.cloud import Cloud
from services.errors import translated
from services.offer_rates import COMPUTE_PLAN, EC2_INSTANCE_PLAN, HOURS_A_YEAR, SAGEMAKER_PLAN, upfront_share
from services.price_lists import LIST_REGION
from services.rate_rows import Row, component_of, payment_option, row_of, term_of, text_of

PLANS: Final = {
    "EC2Instance": EC2_INSTANCE_PLAN,
    "Compute": COMPUTE_PLAN,
    "SageMaker": SAGEMAKER_PLAN,
}
COMPARED: Final[Mapping[str, Mapping[str, str]]] = {
    "EC2": {"productDescription": "Linux/UNIX", "tenancy": "shared"},
    "SageMaker": {},
}
"""What the deck compares of a product, as AWS filters it: other systems and tenancies are not fetched."""
PAGE: Final = 1000
YEAR_SECONDS: Final = 31_536_000
SPOT_SOURCE: Final = "EC2 DescribeSpotPriceHistory"
PLAN_SOURCE: Final = "Savings Plans DescribeSavingsPlansOfferingRates"


def spot(cloud: Cloud) -> Iterator[list[Row]]:
    """The newest spot rate of each type in the region, in the zone where it is lowest. Raises: DeckError."""
    newest: dict[tuple[str, str], tuple[datetime, Decimal]] = {}
    with translated(f"spot prices in {cloud.region}"):
        pages = cloud.client("ec2").get_paginator("describe_spot_price_history")
        for page in pages.paginate(ProductDescriptions=["Linux/UNIX"], StartTime=datetime.now(UTC)):
            for each in page["SpotPriceHistory"]:
                place, found = (each["InstanceType"], each["AvailabilityZone"]), Decimal(each["SpotPrice"])
                if place not in newest or newest[place][0] < each["Timestamp"]:
                    newest[place] = each["Timestamp"], found
    lowest: dict[str, tuple[Decimal, str, datetime]] = {}
    for (kind, zone), (at, usd) in newest.items():
        if catalogue.knows(kind) and (kind not in lowest or usd < lowest[kind][0]):
            lowest[kind] = usd, zone, at
    yield [
        row_of(cloud.region, "ec2", kind, "spot", usd, at.date(), SPOT_SOURCE, note=f"the lowest zone, {zone}")
        for kind, (usd, zone, at) in lowest.items()
    ]


def plans(cloud: Cloud, region: str) -> Iterator[list[Row]]:
    """Savings Plans rates of Linux instances of shared tenancy in a region, a page at a time. Raises: DeckError."""
    client = cloud.at(LIST_REGION).client("savingsplans")
    with translated(f"Savings Plans rates in {region}"):
        for product, wanted in COMPARED.items():
            filters = [{"name": name, "values": [value]} for name, value in {"region": region, **wanted}.items()]
            asked: dict[str, Any] = {"products": [product], "filters": filters, "maxResults": PAGE}
            while True:
                page = client.describe_savings_plans_offering_rates(**asked)
                yield [row for each in page["searchResults"] if (row := _plan(region, each)) is not None]
                if not page.get("nextToken"):
                    break
                asked["nextToken"] = page["nextToken"]


def _plan(region: str, rate: Mapping[str, Any]) -> Row | None:
    said = {each["name"]: each["value"] for each in rate["properties"]}
    kind, usage = said.get("instanceType", ""), rate["usageType"]
    fits = said.get("productDescription", "Linux/UNIX") == "Linux/UNIX" and said.get("tenancy", "shared") == "shared"
    offered = rate["savingsPlanOffering"]
    component = (component_of(usage) or "") if kind.startswith("ml.") else ""
    if not fits or not catalogue.knows(kind) or (kind.startswith("ml.") and not component):
        return None
    years, hourly = offered["durationSeconds"] // YEAR_SECONDS, Decimal(rate["rate"])
    day = date.fromisoformat(said["asOf"]) if "asOf" in said else datetime.now(UTC).date()
    sure = {"confidence": said["confidence"], "note": said.get("confidenceNote", "")} if "confidence" in said else {}
    service = "sagemaker" if component else "ec2"
    row = row_of(region, service, kind, PLANS[offered["planType"]], hourly, day, PLAN_SOURCE, **sure)
    return row | {"component": component} | _spread(years, offered["paymentOption"], hourly)


def _spread(years: int, payment: str, rate: Decimal) -> Row:
    """A plan's rate is what an hour takes of the commitment: none, half or all of that is paid at the start."""
    share = upfront_share(payment_option(payment))
    upfront = (rate * share * HOURS_A_YEAR * years).quantize(Decimal("0.01"))
    return {**term_of(years, payment, "", rate * (1 - share), upfront), "effective_usd_per_hour": text_of(rate)}
