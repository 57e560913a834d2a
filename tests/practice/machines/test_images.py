"""Which image URIs run here, and how their environments differ from them."""

from pathlib import Path

import pytest

from practice.machines.images import Image, UnknownImage, differences, find_image, split_uri

REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"


def named(uri: str, folder: Path = Path("/none")) -> str:
    """The name of the recipe that stands for a URI."""
    return find_image(uri, folder).recipe.name


def test_uris_are_read_as_docker_does() -> None:
    assert split_uri(f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3") == (
        "sagemaker-scikit-learn",
        "1.2-1-cpu-py3",
    )
    assert split_uri("localhost:5000/team/churn@sha256:00") == ("team/churn", "")
    assert split_uri("team/churn:v1@sha256:00") == ("team/churn", "v1")


@pytest.mark.parametrize(
    ("image", "recipe"),
    [
        ("sagemaker-scikit-learn:1.4-2-cpu-py3", "scikit-learn"),
        ("sagemaker-base-python-310:1.0", "python"),
        ("python:3.11", "python"),
        ("sagemaker-xgboost:1.7-1", "xgboost"),
        ("pytorch-training:2.8.0-cpu-py312", "pytorch"),
        ("pytorch-inference:2.6.0-gpu-py312", "pytorch"),
        ("huggingface-pytorch-training:2.5.1-transformers4.49.0-gpu-py311-cu124-ubuntu22.04", "pytorch"),
    ],
)
def test_known_images_in_any_registry(image: str, recipe: str) -> None:
    assert named(image) == named(f"{REGISTRY}/{image}") == recipe


@pytest.mark.parametrize("image", ["djl-inference:0.29", "pytorch-training-neuronx:2.1", "../etc", "Team/x", ""])
def test_an_unknown_image_says_what_is_known_and_how_to_bring_one(image: str) -> None:
    with pytest.raises(UnknownImage, match=r"no image .*pytorch-training.*programs named train and/or serve"):
        find_image(image, Path("/home/images"))


def test_a_registered_folder_is_an_image(tmp_path: Path) -> None:
    folder = tmp_path / "team" / "churn"
    folder.mkdir(parents=True)
    with pytest.raises(UnknownImage):
        find_image(f"{REGISTRY}/team/churn:v3", tmp_path)
    (folder / "serve").write_text("#!/bin/sh\n")
    found = find_image(f"{REGISTRY}/team/churn:v3", tmp_path)
    assert (found.programs, str(found)) == (folder, "team/churn:v3")
    assert str(find_image("team/churn", tmp_path)) == "team/churn"
    with pytest.raises(UnknownImage):
        find_image("team/../team/churn", tmp_path)


def differing(uri: str, versions: dict[str, str], python: str = "3.11.7") -> list[str]:
    """The notes for an image."""
    image: Image = find_image(uri, Path("/none"))
    return differences(image, versions, python)


def test_versions_that_differ_from_the_tags_are_said() -> None:
    tag = "huggingface-pytorch-training:2.5.1-transformers4.49.0-gpu-py312-cu124-ubuntu22.04"
    assert differing(tag, {"torch": "2.13.0+cpu", "transformers": "5.23.0"}) == [
        f"torch is 2.13.0+cpu here, 2.5.1 in {tag}.",
        f"transformers is 5.23.0 here, 4.49.0 in {tag}.",
        f"Python is 3.11.7 here, 3.12 in {tag}.",
        f"{tag} is built for GPUs; here it runs on what this machine has.",
    ]
    assert differing("sagemaker-scikit-learn:1.2-1-cpu-py3", {"scikit-learn": "1.9.1"}) == [
        "scikit-learn is 1.9.1 here, 1.2 in sagemaker-scikit-learn:1.2-1-cpu-py3."
    ]


def test_what_is_the_same_is_not_said() -> None:
    assert differing("pytorch-training:2.13.0-cpu-py311", {"torch": "2.13.0+cpu"}) == []
    assert differing("sagemaker-scikit-learn:1.9-1-cpu-py3", {"scikit-learn": "1.9.1"}) == []
    assert differing("sagemaker-scikit-learn", {"scikit-learn": "1.9.1"}) == []
    assert differing("python:3.11", {}) == []
