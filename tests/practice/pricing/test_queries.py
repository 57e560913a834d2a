"""The Price List Query API as a client meets it: filters, pages, and what it refuses."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.account import Account
from practice.pricing.queries import catalogue
from tests.support.local_account import Local


@pytest.fixture
def pricing(local: Local) -> Any:
    return local.client("pricing", "us-east-1")


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


def found(pricing: Any, *filters: tuple[str, str, str], service: str = "AmazonEC2") -> list[dict[str, Any]]:
    wanted = [{"Type": kind, "Field": field, "Value": value} for kind, field, value in filters]
    pages = pricing.get_paginator("get_products").paginate(ServiceCode=service, Filters=wanted)
    return [json.loads(entry) for page in pages for entry in page["PriceList"]]


def types(entries: list[dict[str, Any]]) -> set[str]:
    return {entry["product"]["attributes"]["instanceType"] for entry in entries}


SEOUL = ("TERM_MATCH", "regionCode", "ap-northeast-2")


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        ([("TERM_MATCH", "instanceType", "g5.xlarge")], {"g5.xlarge"}),
        ([("EQUALS", "instanceType", "g5.xlarge")], {"g5.xlarge"}),
        ([("EQUALS", "instanceType", "g5.xl")], set()),
        ([("CONTAINS", "instanceType", "g5.4")], {"g5.4xlarge", "g5.48xlarge"}),
        ([("ANY_OF", "instanceType", "g5.xlarge,m5.large, t3.nano")], {"g5.xlarge", "m5.large", "t3.nano"}),
        ([("CONTAINS", "instanceType", "inf1"), ("NONE_OF", "vcpu", "4,96")], {"inf1.2xlarge", "inf1.6xlarge"}),
        ([("CONTAINS", "usagetype", "BoxUsage:p4"), ("EQUALS", "gpu", "8")], {"p4d.24xlarge"}),
        ([("EQUALS", "location", "Asia Pacific (Tokyo)")], set()),
        ([("EQUALS", "ServiceCode", "AmazonEC2"), ("EQUALS", "INSTANCETYPE", "m5.large")], {"m5.large"}),
        ([("EQUALS", "servicecode", "AmazonSageMaker")], set()),
        ([("EQUALS", "productFamily", "Compute Instance (bare metal)"), ("CONTAINS", "instanceType", "r5")],
         {"r5.metal"}),
    ],
)  # fmt: skip
def test_products_fit_every_filter(pricing: Any, filters: list[tuple[str, str, str]], wanted: set[str]) -> None:
    entries = found(pricing, SEOUL, *filters)
    assert types(entries) == wanted
    assert all(entry["product"]["attributes"]["regionCode"] == "ap-northeast-2" for entry in entries)


def test_a_filter_on_terms_chooses_products_and_leaves_their_other_terms(pricing: Any) -> None:
    entries = found(pricing, SEOUL, ("EQUALS", "PurchaseOption", "All Upfront"), ("EQUALS", "termType", "Reserved"))
    assert len(entries) > 50
    assert all(len(entry["terms"]["Reserved"]) > 1 and "OnDemand" in entry["terms"] for entry in entries)
    only_on_demand = found(pricing, ("NONE_OF", "termType", "Reserved"), ("CONTAINS", "instanceType", "p3."))
    assert types(only_on_demand) == {"p3.2xlarge", "p3.8xlarge", "p3.16xlarge"}


def test_what_is_not_listed_can_be_asked_for(pricing: Any) -> None:
    entries = found(pricing, SEOUL, ("EQUALS", "confidence", "doubtful"), service="AmazonSageMaker")
    assert {entry["product"]["attributes"]["instanceName"] for entry in entries} == {"ml.p4de.24xlarge"}
    assert all(entry["product"]["attributes"]["confidenceNote"] for entry in entries)


def test_pages_hold_at_most_a_hundred_products_and_neither_repeat_nor_skip_one(pricing: Any) -> None:
    first = pricing.get_products(ServiceCode="AmazonEC2")
    assert len(first["PriceList"]) == 100
    assert first["FormatVersion"] == "aws_v1"
    skus = [entry["product"]["sku"] for entry in found(pricing)]
    assert skus == list(catalogue("AmazonEC2").products)
    few = pricing.get_products(ServiceCode="AmazonEC2", MaxResults=7)
    more = pricing.get_products(ServiceCode="AmazonEC2", MaxResults=7, NextToken=few["NextToken"])
    assert few["PriceList"] + more["PriceList"] == first["PriceList"][:14]


def test_a_last_page_has_no_token(pricing: Any) -> None:
    wanted = [{"Type": "EQUALS", "Field": "usagetype", "Value": "BoxUsage:m5.large"}]
    answer = pricing.get_products(ServiceCode="AmazonEC2", Filters=wanted)
    assert len(answer["PriceList"]) == 1
    assert "NextToken" not in answer


def test_services_tell_their_attributes(pricing: Any) -> None:
    services = pricing.describe_services()["Services"]
    assert [service["ServiceCode"] for service in services] == ["AmazonEC2", "AmazonSageMaker"]
    ec2, sagemaker = (set(service["AttributeNames"]) for service in services)
    assert {"instanceType", "usagetype", "productFamily", "termType", "OfferingClass", "LeaseContractLength"} <= ec2
    assert {"instanceName", "component", "confidence", "vCpu"} <= sagemaker - ec2
    one = pricing.describe_services(ServiceCode="AmazonSageMaker", FormatVersion="aws_v1")
    assert one["Services"] == services[1:]
    page = pricing.describe_services(MaxResults=1)
    assert page["Services"] == services[:1]
    assert pricing.describe_services(MaxResults=1, NextToken=page["NextToken"])["Services"] == services[1:]


@pytest.mark.parametrize(
    ("service", "name", "values"),
    [
        ("AmazonEC2", "OfferingClass", ["convertible", "standard"]),
        ("AmazonEC2", "termType", ["OnDemand", "Reserved"]),
        ("AmazonEC2", "servicecode", ["AmazonEC2"]),
        ("AmazonSageMaker", "confidence", ["doubtful", "estimated", "other_component", "reported"]),
        ("AmazonSageMaker", "productFamily", ["ML Instance"]),
    ],
)
def test_an_attributes_values_are_told(pricing: Any, service: str, name: str, values: list[str]) -> None:
    answer = pricing.get_attribute_values(ServiceCode=service, AttributeName=name)
    assert [each["Value"] for each in answer["AttributeValues"]] == values


def test_values_come_in_pages(pricing: Any) -> None:
    pages = pricing.get_paginator("get_attribute_values").paginate(
        ServiceCode="AmazonEC2", AttributeName="instanceType", PaginationConfig={"PageSize": 30}
    )
    values = [value["Value"] for page in pages for value in page["AttributeValues"]]
    assert values == sorted(set(values))
    assert len(values) == 113


def test_what_makes_no_sense_is_refused(pricing: Any) -> None:
    for call, arguments in (
        (pricing.get_products, {"ServiceCode": "AmazonEC3"}),
        (pricing.describe_services, {"ServiceCode": "ec2"}),
        (pricing.get_attribute_values, {"ServiceCode": "AmazonRDS", "AttributeName": "instanceType"}),
    ):
        assert refused(call, **arguments) == (
            "InvalidParameterException",
            "Input Parameters are invalid. Service code is invalid",
        )
    code, message = refused(pricing.get_attribute_values, ServiceCode="AmazonEC2", AttributeName="volumeType")
    assert (code, message.endswith("volumeType is not an attribute of this service")) == (
        "InvalidParameterException",
        True,
    )
    assert refused(pricing.describe_services, FormatVersion="aws_v2")[0] == "InvalidParameterException"


@pytest.mark.parametrize(
    "filters",
    [
        [{"Type": "TERM_MATCH", "Field": "colour", "Value": "blue"}],
        [{"Type": "STARTS_WITH", "Field": "instanceType", "Value": "g5"}],
        [{"Type": "TERM_MATCH", "Field": "instanceType", "Value": "m5.large"}] * 51,
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(pricing: Any, filters: list[dict[str, str]]) -> None:
    assert refused(pricing.get_products, ServiceCode="AmazonEC2", Filters=filters)[0] == "InvalidParameterException"


def test_a_page_of_more_than_a_hundred_is_refused(pricing: Any) -> None:
    assert refused(pricing.get_products, ServiceCode="AmazonEC2", MaxResults=101)[0] == "InvalidParameterException"


def test_a_foreign_token_is_refused(pricing: Any) -> None:
    code, _ = refused(pricing.get_products, ServiceCode="AmazonEC2", NextToken="bogus")
    assert code == "InvalidNextTokenException"


@pytest.mark.parametrize("region", ["eu-central-1", "ap-south-1"])
def test_the_other_endpoints_know_the_same(local: Local, region: str) -> None:
    assert len(local.client("pricing", region).describe_services()["Services"]) == 2


@pytest.mark.parametrize("region", ["ap-northeast-2", "us-west-2"])
def test_where_the_api_is_not_a_request_is_refused(local: Local, region: str) -> None:
    code, message = refused(local.client("pricing", region).get_products, ServiceCode="AmazonEC2")
    assert code == "InvalidSignatureException"
    assert message.startswith("Credential should be scoped to a valid region.")


def test_bulk_price_lists_are_not_here(pricing: Any) -> None:
    with pytest.raises(ClientError, match="pricing:GetPriceListFileUrl") as caught:
        pricing.get_price_list_file_url(PriceListArn="arn:aws:pricing:::price-list/aws/AmazonEC2/1", FileFormat="json")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_who_asks_too_often_is_refused(local: Local) -> None:
    local.account.close()
    local.account = Account(local.home, 0)
    ask = local.client("pricing", "us-east-1").get_attribute_values

    def ask_often() -> None:
        for _ in range(100):
            ask(ServiceCode="AmazonEC2", AttributeName="tenancy")

    assert refused(ask_often) == ("ThrottlingException", "Rate exceeded")


def test_a_user_needs_to_be_allowed(local: Local) -> None:
    iam = local.client("iam")
    iam.create_user(UserName="kim")
    made = iam.create_access_key(UserName="kim")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    theirs = local.client("pricing", "us-east-1", keys=keys)
    with pytest.raises(ClientError, match="is not authorized to perform: pricing:GetProducts"):
        theirs.get_products(ServiceCode="AmazonEC2")
    allowed = {"Effect": "Allow", "Action": "pricing:GetProducts", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    iam.put_user_policy(UserName="kim", PolicyName="prices", PolicyDocument=json.dumps(policy))
    assert theirs.get_products(ServiceCode="AmazonEC2", MaxResults=1)["PriceList"]
    with pytest.raises(ClientError, match="pricing:DescribeServices"):
        theirs.describe_services()


def test_asking_for_prices_is_no_event(local: Local, pricing: Any) -> None:
    pricing.get_products(ServiceCode="AmazonEC2", MaxResults=1)
    assert local.client("cloudtrail", "us-east-1").lookup_events()["Events"] == []
