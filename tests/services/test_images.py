"""The images that the deck names are the ones AWS's own SDK names."""

from itertools import product

import pytest

from services.errors import NotFound
from services.images import ImageKind, image_uri, serving_image, versions

REGIONS = ("ap-northeast-2", "us-east-1", "eu-central-1")
FRAMEWORKS = ("sklearn", "xgboost", "pytorch")


@pytest.mark.heavy
def test_every_image_is_the_sdks_own() -> None:
    """For the frameworks that the practice account and the examples run, their three newest versions, CPU and GPU."""
    from sagemaker.core import image_uris

    wanted = [
        (framework, scope, version, region, gpu)
        for framework, scope in product(FRAMEWORKS, ("training", "inference"))
        for version in versions(framework, scope)[-3:]
        for region, gpu in product(REGIONS, (False, True) if framework == "pytorch" else (False,))
    ]
    for framework, scope, version, region, gpu in wanted:
        instance_type = "ml.g5.xlarge" if gpu else "ml.m5.xlarge"
        theirs = image_uris.retrieve(framework, region, version=version, image_scope=scope, instance_type=instance_type)
        assert image_uri(ImageKind(framework, version, scope), region, gpu=gpu) == theirs


def test_what_aws_does_not_list_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"no sklearn 0\.0-0 training image"):
        image_uri(ImageKind("sklearn", "0.0-0", "training"), "us-east-1")
    with pytest.raises(NotFound, match="in mars-north-1"):
        image_uri(ImageKind("sklearn", versions("sklearn", "training")[-1], "training"), "mars-north-1")
    with pytest.raises(NotFound, match="lists no images of fortran"):
        versions("fortran", "training")


def test_what_was_trained_is_served_by_its_twin() -> None:
    region = "ap-northeast-2"
    sklearn = image_uri(ImageKind("sklearn", versions("sklearn", "training")[-1], "training"), region)
    assert serving_image(sklearn, region) == sklearn
    newest = versions("pytorch", "training")[-1]
    pytorch = image_uri(ImageKind("pytorch", newest, "training"), region)
    twin = serving_image(pytorch, region)
    assert "/pytorch-inference:" in twin
    assert serving_image("1.dkr.ecr.r.amazonaws.com/mine:1", region) == "1.dkr.ecr.r.amazonaws.com/mine:1"
    with pytest.raises(NotFound, match="no pytorch inference image"):
        serving_image(pytorch.replace(newest, "0.1"), region)
