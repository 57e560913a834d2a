"""Image URIs: which of the images that jobs and endpoints may name can run here, and on what.

Registry account and region are not looked at. Repository names are those that `sagemaker.image_uris` gives and the
AWS Deep Learning Containers use (https://github.com/aws/deep-learning-containers/blob/master/available_images.md).
"""

import re
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("train", "serve")
"""What a bring-your-own image is made of; either may be missing."""


class UnknownImage(Exception):
    """No environment here stands for this image. The text says which do, and how to register another."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of images and the environment that stands for them."""

    name: str
    repositories: str
    """A regular expression of the repositories it serves."""
    known_as: str
    """The same for people."""
    package: str | None
    """The distribution whose version an image's tag begins with."""
    requirements: str | None = None
    """Name of the pinned list it is built from; None: the packages of the practice itself, at once."""


RECIPES = (
    Recipe("scikit-learn", r"sagemaker-scikit-learn", "sagemaker-scikit-learn", "scikit-learn"),
    Recipe(
        "python",
        r"sagemaker-base-python(-\d+)?|sagemaker-data-science(-\d+)?|sagemaker-distribution(-prod)?|python",
        "sagemaker-base-python, sagemaker-distribution, python",
        None,
    ),
    Recipe("xgboost", r"(sagemaker-)?xgboost", "sagemaker-xgboost", "xgboost", "xgboost"),
    Recipe(
        "pytorch",
        r"(huggingface-)?pytorch-(training|inference)|pytorch-inference-(arm64|graviton)|sagemaker-pytorch",
        "pytorch-training, pytorch-inference, huggingface-pytorch-training, huggingface-pytorch-inference",
        "torch",
        "pytorch",
    ),
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image URI that can run here."""

    repository: str
    tag: str
    recipe: Recipe
    programs: Path | None = None
    """The registered folder, when it is a bring-your-own image."""

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


OWN = Recipe("own", "", "", None)


def find_image(uri: str, images_folder: Path) -> Image:
    """What stands for this image here; a registered folder comes before the built-in ones.

    A bring-your-own image is a folder `images_folder/<repository>` (as the URI names it, slashes included) with an
    executable `train`, an executable `serve`, or both, and optionally a `requirements.txt` for the Python on PATH.

    Raises: UnknownImage.
    """
    repository, tag = split_uri(uri)
    folder = images_folder / repository
    if is_registered(repository, folder):
        return Image(repository, tag, OWN, folder)
    for recipe in RECIPES:
        if re.fullmatch(recipe.repositories, repository):
            return Image(repository, tag, recipe)
    known = "; ".join(recipe.known_as for recipe in RECIPES)
    raise UnknownImage(
        f"The practice account has no image {uri}. It knows {known}. To bring your own, put executable programs named "
        f"train and/or serve into the folder {folder}."
    )


def split_uri(uri: str) -> tuple[str, str]:
    """Repository and tag of `[registry/]repository[:tag][@digest]`; the registry is a first part with a dot or port."""
    path = uri.partition("@")[0]
    first, slash, rest = path.partition("/")
    if slash and re.search(r"[.:]|^localhost$", first):
        path = rest
    repository, _, tag = path.partition(":")
    return repository, tag


def is_registered(repository: str, folder: Path) -> bool:
    """Whether this folder, which must lie under the images' folder, holds programs."""
    parts = repository.split("/")
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9._-]*", part) for part in parts):
        return False
    return any((folder / program).is_file() for program in PROGRAMS)


def differences(image: Image, versions: dict[str, str], python: str) -> list[str]:
    """What the image's tag promises and these versions (distribution → version) do not keep, one line each."""
    promised = re.match(r"\d+(\.\d+)+", image.tag)
    claims = [(image.recipe.package, promised[0] if promised else None)]
    for name in ("transformers",):
        found = re.search(rf"{name}(\d+(?:\.\d+)+)", image.tag)
        claims.append((name, found[1] if found else None))
    lines = []
    for package, claimed in claims:
        name = str(package)
        here = versions.get(name) or versions.get(f"{name}-cpu")
        if here and claimed and not is_within(here, claimed):
            lines.append(f"{name} is {here} here, {claimed} in {image}.")
    interpreter = re.search(r"\bpy3(\d+)\b", image.tag)
    if interpreter and not is_within(python, f"3.{interpreter[1]}"):
        lines.append(f"Python is {python} here, 3.{interpreter[1]} in {image}.")
    if re.search(r"\b(gpu|cu\d+)\b", image.tag):
        lines.append(f"{image} is built for GPUs; here it runs on what this machine has.")
    return lines


def is_within(version: str, release: str) -> bool:
    """Whether `version` is that release or one of its patches: 1.2.2 is within 1.2."""
    return f"{version}.".replace("+", ".").startswith(f"{release}.")
