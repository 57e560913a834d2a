"""What an entry of the price list looks like: AWS's own names, shapes and codes, and how sure a figure is."""

import json
import re
from typing import Any

import pytest

from practice.figures import rows
from practice.pricing.locations import LOCATIONS
from practice.pricing.queries import SERVICES, catalogue
from practice.pricing.terms import RESERVED
from tests.support.local_account import Local


@pytest.fixture
def pricing(local: Local) -> Any:
    return local.client("pricing", "us-east-1")


def product(pricing: Any, service: str, usage_type: str) -> dict[str, Any]:
    wanted = [{"Type": "EQUALS", "Field": "usagetype", "Value": usage_type}]
    [entry] = pricing.get_products(ServiceCode=service, Filters=wanted)["PriceList"]
    found: dict[str, Any] = json.loads(entry)
    return found


def test_an_ec2_product_has_awss_attributes(pricing: Any) -> None:
    entry = product(pricing, "AmazonEC2", "APN2-BoxUsage:g5.xlarge")
    assert entry["serviceCode"] == "AmazonEC2"
    assert entry["product"]["productFamily"] == "Compute Instance"
    assert entry["product"]["attributes"] == {
        "servicecode": "AmazonEC2",
        "servicename": "Amazon Elastic Compute Cloud",
        "location": "Asia Pacific (Seoul)",
        "locationType": "AWS Region",
        "regionCode": "ap-northeast-2",
        "availabilityzone": "NA",
        "instanceType": "g5.xlarge",
        "instanceFamily": "GPU instance",
        "currentGeneration": "No",
        "vcpu": "4",
        "memory": "16 GiB",
        "storage": "250 GB SSD",
        "networkPerformance": "Up to 10 Gigabit",
        "processorArchitecture": "64-bit",
        "normalizationSizeFactor": "8",
        "gpu": "1",
        "gpuMemory": "22.35 GiB",
        "operatingSystem": "Linux",
        "licenseModel": "No License required",
        "preInstalledSw": "NA",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "usagetype": "APN2-BoxUsage:g5.xlarge",
        "operation": "RunInstances",
        "reservedConfidence": "estimated",
        "reservedConfidenceNote": (
            "no upfront / 1.05, half of it paid at the start; no upfront / 1.08, half of it paid at the start; "
            "no upfront x 0.8704, paid at the start; no upfront x 0.9333, paid at the start"
        ),
    }


def test_reserved_terms_have_awss_codes_an_upfront_fee_and_an_hourly_rate(pricing: Any) -> None:
    entry = product(pricing, "AmazonEC2", "BoxUsage:m5.large")
    sku, kept = entry["product"]["sku"], entry["terms"]["Reserved"]
    assert re.fullmatch(r"[A-Z2-9]{16}", sku)
    assert set(kept) == {f"{sku}.{code}" for code in RESERVED.values()}
    plain = kept[f"{sku}.4NA7Y494T4"]
    assert plain["termAttributes"] == {
        "LeaseContractLength": "1yr",
        "OfferingClass": "standard",
        "PurchaseOption": "No Upfront",
    }
    assert plain["priceDimensions"] == {
        f"{sku}.4NA7Y494T4.6YS6EN2CT7": {
            "rateCode": f"{sku}.4NA7Y494T4.6YS6EN2CT7",
            "unit": "Hrs",
            "description": "Linux/UNIX (Amazon VPC), m5.large reserved instance applied",
            "appliesTo": [],
            "beginRange": "0",
            "endRange": "Inf",
            "pricePerUnit": {"USD": "0.0600000000"},
        }
    }
    paid_at_once = kept[f"{sku}.6QCMYABX3D"]
    assert paid_at_once["termAttributes"]["Confidence"] == "estimated"
    assert paid_at_once["termAttributes"]["ConfidenceNote"] == "no upfront x 0.9333, paid at the start"
    fee = paid_at_once["priceDimensions"][f"{sku}.6QCMYABX3D.2TG2D8R56U"]
    assert (fee["unit"], fee["description"], fee["pricePerUnit"]) == ("Quantity", "Upfront Fee", {"USD": "490.54"})
    assert "beginRange" not in fee
    hourly = paid_at_once["priceDimensions"][f"{sku}.6QCMYABX3D.6YS6EN2CT7"]
    assert hourly["pricePerUnit"] == {"USD": "0.0000000000"}


def test_a_doubtful_reservation_is_told(pricing: Any) -> None:
    attributes = product(pricing, "AmazonEC2", "BoxUsage:p4d.24xlarge")["product"]["attributes"]
    assert attributes["reservedConfidence"] == "doubtful"
    assert "confidence" not in attributes


def test_a_sagemaker_product_has_awss_attributes(pricing: Any) -> None:
    entry = product(pricing, "AmazonSageMaker", "APN2-Train:ml.g5.xlarge")
    assert entry["product"]["productFamily"] == "ML Instance"
    assert entry["product"]["attributes"] == {
        "servicecode": "AmazonSageMaker",
        "servicename": "Amazon SageMaker",
        "location": "Asia Pacific (Seoul)",
        "locationType": "AWS Region",
        "regionCode": "ap-northeast-2",
        "instanceName": "ml.g5.xlarge",
        "platoinstancename": "ml.g5.xlarge",
        "vCpu": "4",
        "memory": "16 GiB",
        "networkPerformance": "Up to 10 Gigabit",
        "currentGeneration": "No",
        "physicalGpu": "NVIDIA A10G",
        "gpu": "1",
        "gpuMemory": "22.35 GiB",
        "operation": "RunInstance",
        "instanceType": "ml.g5.xlarge-Training",
        "component": "Training",
        "platoinstancetype": "Training",
        "usagetype": "APN2-Train:ml.g5.xlarge",
        "confidence": "other_component",
        "confidenceNote": "the studio rate",
    }
    [term] = entry["terms"]["OnDemand"].values()
    [dimension] = term["priceDimensions"].values()
    sku = entry["product"]["sku"]
    assert (term["offerTermCode"], term["termAttributes"], term["sku"]) == ("JRTCKXETXF", {}, sku)
    assert dimension["rateCode"] == f"{sku}.JRTCKXETXF.6YS6EN2CT7"
    assert dimension["description"] == "$1.732 per Training ml.g5.xlarge hour in Asia Pacific (Seoul)"


@pytest.mark.parametrize(
    ("service", "usage_type", "fields"),
    [
        ("AmazonEC2", "EU-BoxUsage:m5.metal", {"location": "EU (Ireland)", "normalizationSizeFactor": "NA"}),
        ("AmazonEC2", "EUC1-BoxUsage:c5.large", {"instanceFamily": "Compute optimized", "storage": "EBS only"}),
        (
            "AmazonEC2",
            "USW2-BoxUsage:t3.nano",
            {"instanceFamily": "General purpose", "normalizationSizeFactor": "0.25"},
        ),
        ("AmazonEC2", "BoxUsage:trn1.2xlarge", {"instanceFamily": "Machine Learning ASIC Instances", "gpu": "NA"}),
        ("AmazonEC2", "USE2-BoxUsage:inf2.xlarge", {"instanceFamily": "Machine Learning ASIC Instances"}),
        ("AmazonSageMaker", "USE1-Host:ml.m5.xlarge", {"gpu": "N/A", "instanceType": "ml.m5.xlarge-Hosting"}),
        ("AmazonSageMaker", "APN1-Studio:JupyterLab-ml.g5.xlarge", {"instanceType": "ml.g5.xlarge"}),
        ("AmazonSageMaker", "APN1-AsyncInf:ml.g6.xlarge", {"component": "AsyncInf"}),
        ("AmazonSageMaker", "APS1-Notebk:ml.t3.large", {"component": "Notebook"}),
    ],
)
def test_usage_types_are_those_of_a_bill(pricing: Any, service: str, usage_type: str, fields: dict[str, str]) -> None:
    attributes = product(pricing, service, usage_type)["product"]["attributes"]
    assert {name: attributes[name] for name in fields} == fields


def test_a_training_plans_hours_are_a_fee_of_no_component(pricing: Any) -> None:
    entry = product(pricing, "AmazonSageMaker", "APN1-TrainingPlanUpfrontFee:ml.p5.48xlarge")
    [term] = entry["terms"]["OnDemand"].values()
    [dimension] = term["priceDimensions"].values()
    assert "component" not in entry["product"]["attributes"]
    assert (dimension["unit"], dimension["pricePerUnit"]) == ("Quantity", {"USD": "36.1836000000"})


def test_an_entry_is_the_same_after_a_restart(local: Local, pricing: Any) -> None:
    before = product(pricing, "AmazonEC2", "APN2-BoxUsage:g5.xlarge")
    local.restart()
    catalogue.cache_clear()
    assert product(local.client("pricing", "us-east-1"), "AmazonEC2", "APN2-BoxUsage:g5.xlarge") == before


def test_a_list_is_as_new_as_its_newest_figure(pricing: Any) -> None:
    entry = product(pricing, "AmazonSageMaker", "USE1-Host:ml.m5.xlarge")
    newest = max(row["as_of"] for row in rows("sagemaker_prices.parquet"))
    assert entry["publicationDate"] == f"{newest.isoformat()}T00:00:00Z"
    assert entry["version"] == f"{newest:%Y%m%d}000000"


def test_every_region_with_a_price_has_a_name_and_a_billing_code() -> None:
    for table in ("ec2_prices.parquet", "sagemaker_prices.parquet"):
        assert {row["region"] for row in rows(table)} <= set(LOCATIONS)
    assert len({location.billing_code for location in LOCATIONS.values()}) == len(LOCATIONS)


@pytest.mark.parametrize(("service", "table"), [("AmazonEC2", "ec2_prices"), ("AmazonSageMaker", "sagemaker_prices")])
def test_no_two_products_share_a_sku(service: str, table: str) -> None:
    priced = [row for row in rows(f"{table}.parquet") if row.get("purchase_option", "on_demand") == "on_demand"]
    assert len(catalogue(service).products) == len(SERVICES[service]()) == len(priced)
