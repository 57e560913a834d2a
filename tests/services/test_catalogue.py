"""What there is to choose from."""

import pytest
from botocore.model import StringShape
from botocore.session import get_session

from services import catalogue, default_quotas
from services.errors import NotFound
from services.figures import Confidence


def test_regions_start_with_seoul_and_have_both_names() -> None:
    regions = catalogue.regions()
    assert regions[0] == catalogue.Region("ap-northeast-2", "Asia Pacific (Seoul)", "아시아 태평양(서울)")
    assert len(regions) == 8


def test_a_sagemaker_type_is_the_ec2_type_of_its_name() -> None:
    ml, ec2 = catalogue.instance_type("ml.g5.12xlarge"), catalogue.instance_type("g5.12xlarge")
    assert (
        (ml.vcpu, ml.memory_gib, ml.architecture) == (ec2.vcpu, ec2.memory_gib, ec2.architecture) == (48, 192, "x86_64")
    )
    assert (ml.accelerator, ml.gpu_name, ml.gpu_count, ml.gpu_memory_gib) == ("GPU", "A10G", 4, 89.41)
    assert {"notebook", "training", "hosting"} <= ml.components
    assert ec2.components == frozenset()


def test_a_type_without_gpu_has_none() -> None:
    spec = catalogue.instance_type("ml.m5.large")
    assert (spec.accelerator, spec.gpu_name, spec.gpu_count, spec.gpu_memory_gib) == (None, None, 0, 0.0)


def test_p3_is_described_though_ec2_describes_it_no_more() -> None:
    spec = catalogue.instance_type("ml.p3.8xlarge")
    assert (spec.vcpu, spec.memory_gib, spec.gpu_name, spec.gpu_count) == (32, 244, "V100", 4)
    assert spec.confidence is Confidence.REPORTED
    assert not any(catalogue.is_offered(region.name, "ml.p3.8xlarge") for region in catalogue.regions())


@pytest.mark.parametrize("name", ["ml.c5.metal", "ml.m5.giant", "x9.large"])
def test_an_unknown_type_says_so(name: str) -> None:
    with pytest.raises(NotFound, match=f"no figures for instance type {name}") as caught:
        catalogue.instance_type(name)
    assert caught.value.resource == name


def test_types_offered_are_of_the_component_and_in_order_of_size() -> None:
    names = [spec.instance_type for spec in catalogue.instance_types("ap-northeast-2", "notebook")]
    t3 = [name for name in names if name.startswith("ml.t3.")]
    assert t3 == ["ml.t3.medium", "ml.t3.large", "ml.t3.xlarge", "ml.t3.2xlarge"]
    assert "ml.m5.large" not in names
    assert "ml.m5.large" in {spec.instance_type for spec in catalogue.instance_types("ap-northeast-2", "hosting")}


def test_ec2_types_are_a_list_of_their_own() -> None:
    names = {spec.instance_type for spec in catalogue.instance_types("ap-northeast-2", "ec2")}
    assert {"g5.xlarge", "c5.metal"} <= names
    assert not any(name.startswith("ml.") for name in names)


def test_a_region_says_where_it_has_a_type() -> None:
    g5 = catalogue.offering("ap-northeast-2", "g5.xlarge")
    assert g5 is not None
    assert g5.zones == ("ap-northeast-2a", "ap-northeast-2c", "ap-northeast-2d")
    assert catalogue.offering("ap-southeast-1", "g5.xlarge") is None
    assert not catalogue.is_offered("ap-southeast-1", "ml.g5.xlarge")


def test_that_sagemaker_has_a_type_is_listed_or_estimated() -> None:
    listed = catalogue.offering("ap-northeast-2", "ml.g5.xlarge")
    estimated = catalogue.offering("ap-northeast-2", "ml.m7i.large")
    assert listed is not None
    assert estimated is not None
    assert (listed.confidence, estimated.confidence) == (Confidence.LISTED, Confidence.ESTIMATED)
    assert listed.zones == ()


def test_a_quota_is_found_by_type_and_usage() -> None:
    quota = catalogue.quota_for("ml.m5.large", "endpoint")
    assert (quota.code, quota.name, quota.value) == ("L-614B09FD", "ml.m5.large for endpoint usage", 0)
    assert (quota.scope, quota.unit, quota.adjustable) == ("instance_type", "instances", True)


def test_a_quota_without_a_known_default_has_no_value() -> None:
    assert catalogue.quota_for("ml.p5.48xlarge", "notebook").value is None


def test_a_usage_that_takes_no_such_type_says_so() -> None:
    with pytest.raises(NotFound, match=r"no quota of ml\.m5\.large for notebook usage"):
        catalogue.quota_for("ml.m5.large", "notebook")


def test_aggregates_count_the_account_and_one_resource() -> None:
    totals = {(quota.scope, quota.unit): quota.value for quota in catalogue.aggregate_quotas("training")}
    assert totals == {
        ("account", "instances"): 4,
        ("resource", "instances"): 20,
        ("resource", "seconds"): 432000,
        ("resource", "gib"): 1024,
    }
    assert {quota.scope for quota in catalogue.aggregate_quotas("endpoint")} == {"account", "resource"}
    assert catalogue.aggregate_quotas("toaster") == ()


@pytest.mark.parametrize(
    ("usage", "shape"),
    [
        ("notebook", "InstanceType"),
        ("training", "TrainingInstanceType"),
        ("endpoint", "ProductionVariantInstanceType"),
        ("processing", "ProcessingInstanceType"),
        ("transform", "TransformInstanceType"),
    ],
)
def test_sagemaker_accepts_every_type_that_has_a_quota(usage: str, shape: str) -> None:
    accepted = get_session().get_service_model("sagemaker").shape_for(shape)
    assert isinstance(accepted, StringShape)
    counted = {quota.instance_type for quota in default_quotas.quotas() if quota.usage == usage} - {None}
    assert counted <= set(accepted.enum)
