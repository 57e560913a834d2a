"""Which regions have what, against the lists that AWS's own packages ship."""

from decimal import Decimal

import pytest

from services import catalogue
from services.availability import FRAMEWORKS, SERVICES, Item, ItemKind, Place, find_item, items, places
from services.errors import InvalidRequest


def place(name: str, region: str) -> Place:
    return next(each for each in places(find_item(name)) if each.region == region)


@pytest.mark.parametrize(
    ("name", "region", "offered", "usd"),
    [
        ("ml.g5.xlarge", "ap-northeast-2", True, "1.732"),
        ("g5.xlarge", "ap-northeast-2", True, "1.237"),
        ("g5.xlarge", "ap-southeast-1", False, None),
        ("p5.48xlarge", "us-east-1", True, "55.04"),
        ("ml.p3.2xlarge", "us-east-1", False, None),
    ],
)
def test_an_instance_type_is_offered_at_a_price_or_not(name: str, region: str, offered: bool, usd: str | None) -> None:
    found = place(name, region)
    assert (found.offered, found.usd_per_hour) == (offered, usd and Decimal(usd))
    assert bool(found.zones) is (offered and not name.startswith("ml."))


def test_every_item_is_placed_in_every_region_in_the_catalogues_order() -> None:
    regions = [region.name for region in catalogue.regions()]
    for kind in ItemKind:
        for item in items(kind)[:12]:
            assert [each.region for each in places(item)] == regions


def test_images_are_those_of_the_sdks_lists_region_by_region() -> None:
    from sagemaker.core import image_uris

    for framework in ("pytorch", "xgboost", "sklearn"):
        found = place(framework, "ap-northeast-2")
        uri = image_uris.retrieve(
            framework, "ap-northeast-2", version=found.version, instance_type="ml.m5.xlarge", image_scope="training"
        )
        assert found.version in uri
    assert {name for name in FRAMEWORKS if place(name, "us-east-1").offered} == set(FRAMEWORKS)
    assert not place("djl-neuronx", "ap-southeast-1").version or place("djl-neuronx", "us-east-1").version


def test_services_and_models_are_where_aws_has_them() -> None:
    assert place("kendra", "us-east-1").offered
    assert not place("kendra", "ap-northeast-2").offered
    assert place("sagemaker-geospatial", "us-west-2").offered
    assert not place("sagemaker-geospatial", "ap-northeast-2").offered
    assert place("jumpstart", "ap-northeast-2").offered
    assert all(any(each.offered for each in places(Item(ItemKind.SERVICE, name))) for name in SERVICES)


def test_what_nothing_is_known_about_is_refused_by_name() -> None:
    with pytest.raises(InvalidRequest, match=r"known about g99\.huge"):
        find_item("g99.huge")
