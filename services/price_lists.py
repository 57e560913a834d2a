"""AWS's price list, as rows of `services.offer_rates`.

docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from services import catalogue
from services.cloud import Cloud
from services.errors import translated
from services.rate_rows import Row, component_of, row_of, term_of

LIST_REGION: Final = "us-east-1"
"""The price list and Savings Plans are asked about there, of all regions."""
EC2_ONLY: Final = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}
"""What the deck compares: other systems and tenancies are not fetched."""
LIST_SOURCE: Final = "AWS Price List API"


def products(cloud: Cloud, service: str, region: str) -> Iterator[list[Row]]:
    """The on-demand and reserved rates of `AmazonEC2` or `AmazonSageMaker` in a region, a page at a time.

    Raises: DeckError.
    """
    wanted = {"regionCode": region, **(EC2_ONLY if service == "AmazonEC2" else {})}
    filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()]
    read = _ec2 if service == "AmazonEC2" else _sagemaker
    with translated(f"prices of {service} in {region}"):
        pages = cloud.at(LIST_REGION).client("pricing").get_paginator("get_products")
        for page in pages.paginate(ServiceCode=service, Filters=filters):
            yield [row for entry in page["PriceList"] for row in read(json.loads(entry))]


def _ec2(entry: Mapping[str, Any]) -> Iterator[Row]:
    attributes = entry["product"]["attributes"]
    kind, region = attributes.get("instanceType", ""), attributes.get("regionCode", "")
    # An hour of an unused reservation is another product of the same type.
    if not catalogue.knows(kind) or not re.search(r"(^|-)BoxUsage:", attributes.get("usagetype", "")):
        return
    for term in entry["terms"].get("OnDemand", {}).values():
        hourly, _ = _paid(term)
        yield row_of(region, "ec2", kind, "on_demand", hourly, _day(term), LIST_SOURCE, **_sure(attributes))
    for term in entry["terms"].get("Reserved", {}).values():
        said = term["termAttributes"]
        years = int(said["LeaseContractLength"].removesuffix("yr"))
        hourly, upfront = _paid(term)
        sure = {"confidence": said["Confidence"], "note": said["ConfidenceNote"]} if "Confidence" in said else {}
        yield row_of(region, "ec2", kind, "reserved", hourly, _day(term), LIST_SOURCE, **sure) | term_of(
            years, said["PurchaseOption"], said["OfferingClass"], hourly, upfront
        )


def _sagemaker(entry: Mapping[str, Any]) -> Iterator[Row]:
    attributes = entry["product"]["attributes"]
    kind, usage = attributes.get("instanceName", ""), attributes.get("usagetype", "")
    component = component_of(usage)
    if component is None or not catalogue.knows(kind):
        return
    for term in entry["terms"].get("OnDemand", {}).values():
        hourly, _ = _paid(term)
        region = attributes["regionCode"]
        row = row_of(region, "sagemaker", kind, "on_demand", hourly, _day(term), LIST_SOURCE, **_sure(attributes))
        yield row | {"component": component}


def _paid(term: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """What a term costs by the hour, and once."""
    sums = {"Hrs": Decimal(0), "Quantity": Decimal(0)}
    for dimension in term["priceDimensions"].values():
        unit = "Quantity" if dimension["unit"] == "Quantity" else "Hrs"
        sums[unit] += Decimal(dimension["pricePerUnit"]["USD"])
    return sums["Hrs"], sums["Quantity"]


def _sure(attributes: Mapping[str, str]) -> dict[str, str]:
    if "confidence" not in attributes:
        return {}
    return {"confidence": attributes["confidence"], "note": attributes.get("confidenceNote", "")}


def _day(term: Mapping[str, Any]) -> date:
    return date.fromisoformat(term["effectiveDate"][:10])
