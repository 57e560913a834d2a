"""Every price that the figures have is found through GetProducts, to its last digit."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from practice.figures import rows
from practice.pricing.ml_instances import COMPONENTS
from tests.support.listed_prices import EC2, RESERVED, SAGEMAKER
from tests.support.local_account import Local

ON_DEMAND = [row for row in EC2 if row[2] == "on_demand"]
"""Spot rates are no part of AWS's price list."""


@pytest.fixture(scope="module")
def pricing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running = Local(Path(tmp_path_factory.mktemp("pricing")) / "home")
    yield running.client("pricing", "us-east-1")
    running.account.close()


def products(pricing: Any, service: str, **fields: str) -> list[dict[str, Any]]:
    wanted = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode=service, Filters=wanted)
    return [json.loads(entry) for page in pages for entry in page["PriceList"]]


def linux(pricing: Any, region: str, instance_type: str) -> dict[str, Any]:
    [found] = products(
        pricing,
        "AmazonEC2",
        regionCode=region,
        instanceType=instance_type,
        operatingSystem="Linux",
        tenancy="Shared",
        preInstalledSw="NA",
        capacitystatus="Used",
        marketoption="OnDemand",
        licenseModel="No License required",
    )
    return found


def on_demand(entry: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    [term] = entry["terms"]["OnDemand"].values()
    [dimension] = term["priceDimensions"].values()
    return term, dimension


def usd(dimension: dict[str, Any]) -> Decimal:
    return Decimal(dimension["pricePerUnit"]["USD"])


def reserved(entry: dict[str, Any], years: int, offering_class: str, option: str) -> tuple[Decimal, Decimal, Any]:
    """(US dollars an hour, US dollars at the start, the term)"""
    [term] = [
        term
        for term in entry["terms"]["Reserved"].values()
        if (term["termAttributes"]["LeaseContractLength"], term["termAttributes"]["OfferingClass"])
        == (f"{years}yr", offering_class)
        and term["termAttributes"]["PurchaseOption"] == option
    ]
    by_unit = {each["unit"]: usd(each) for each in term["priceDimensions"].values()}
    return by_unit["Hrs"], by_unit.get("Quantity", Decimal(0)), term


@pytest.mark.parametrize(("region", "instance_type", "option", "price", "as_of"), ON_DEMAND)
def test_ec2s_on_demand_rates_are_as_listed(
    pricing: Any, region: str, instance_type: str, option: str, price: str, as_of: str
) -> None:
    entry = linux(pricing, region, instance_type)
    term, dimension = on_demand(entry)
    assert usd(dimension) == Decimal(price)
    assert dimension["unit"] == "Hrs"
    assert dimension["description"] == f"${price} per On Demand Linux {instance_type} Instance Hour"
    assert term["effectiveDate"] == f"{as_of}T00:00:00Z"
    assert "confidence" not in entry["product"]["attributes"]


@pytest.mark.parametrize(("region", "instance_type", "years", "offering_class", "price"), RESERVED)
def test_reserved_rates_are_as_listed(
    pricing: Any, region: str, instance_type: str, years: int, offering_class: str, price: str
) -> None:
    entry = linux(pricing, region, instance_type)
    hourly, upfront, term = reserved(entry, years, offering_class, "No Upfront")
    assert (hourly, upfront) == (Decimal(price), Decimal(0))
    assert term["effectiveDate"] == "2025-04-04T00:00:00Z"


@pytest.mark.parametrize(("region", "instance_type", "component", "price", "as_of", "confidence"), SAGEMAKER)
def test_sagemakers_rates_are_as_listed(
    pricing: Any, region: str, instance_type: str, component: str, price: str, as_of: str, confidence: str
) -> None:
    found = products(pricing, "AmazonSageMaker", regionCode=region, instanceName=instance_type)
    named = COMPONENTS[component].name if component in COMPONENTS else None
    [entry] = [each for each in found if each["product"]["attributes"].get("component") == named]
    term, dimension = on_demand(entry)
    assert usd(dimension) == Decimal(price)
    assert term["effectiveDate"] == f"{as_of}T00:00:00Z"
    assert entry["product"]["attributes"].get("confidence", "listed") == confidence
    assert entry["terms"].keys() == {"OnDemand"}


def test_no_ec2_price_is_lost_or_rounded(pricing: Any) -> None:
    entries = products(pricing, "AmazonEC2")
    found: dict[tuple[Any, ...], tuple[Decimal, Decimal, str]] = {}
    for entry in entries:
        place = entry["product"]["attributes"]["regionCode"], entry["product"]["attributes"]["instanceType"]
        found[*place, "on_demand", None, None, None] = (usd(on_demand(entry)[1]), Decimal(0), "listed")
        for term in entry["terms"].get("Reserved", {}).values():
            said = term["termAttributes"]
            years, option = int(said["LeaseContractLength"][0]), said["PurchaseOption"].replace(" ", "_").lower()
            hourly, upfront, _ = reserved(entry, years, said["OfferingClass"], said["PurchaseOption"])
            key = (*place, "reserved", years, option, said["OfferingClass"])
            found[key] = (hourly, upfront, said.get("Confidence", "listed"))
    columns = ("region", "instance_type", "purchase_option", "term_years", "payment_option", "offering_class")
    assert found == {
        tuple(row[column] for column in columns): (
            Decimal(row["usd_per_hour"]),
            Decimal(row["upfront_usd"]),
            row["confidence"],
        )
        for row in rows("ec2_prices.parquet")
        if row["purchase_option"] != "spot"
    }


def test_no_sagemaker_price_is_lost_or_rounded(pricing: Any) -> None:
    words = {component.name: name for name, component in COMPONENTS.items()}
    found = {}
    for entry in products(pricing, "AmazonSageMaker"):
        said = entry["product"]["attributes"]
        key = (
            said["regionCode"],
            said["instanceName"],
            words[said["component"]] if "component" in said else "training_plan",
        )
        assert key not in found
        note = said.get("confidenceNote") if "confidence" in said else None
        found[key] = usd(on_demand(entry)[1]), said.get("confidence", "listed"), note
    assert found == {
        (row["region"], row["instance_type"], row["component"]): (
            Decimal(row["usd_per_hour"]),
            row["confidence"],
            None if row["confidence"] == "listed" else row["note"] or "",
        )
        for row in rows("sagemaker_prices.parquet")
    }
