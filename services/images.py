"""SageMaker's framework images, from the lists that the SageMaker Python SDK ships.

The files are read without importing the SDK, whose import takes seconds; a test holds the URIs equal to the SDK's own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from services.errors import NotFound


@dataclass(frozen=True, slots=True)
class ImageKind:
    """A framework image by what it is for: `scope` training or inference, `version` as AWS tags it."""

    framework: str
    version: str
    scope: str


def image_uri(kind: ImageKind, region: str, *, gpu: bool = False) -> str:
    """The image's ECR URI in a region. Raises NotFound where AWS does not list it."""
    listed = _versions(kind.framework, kind.scope).get(kind.version)
    account = listed["registries"].get(region) if listed else None
    if listed is None or account is None:
        raise NotFound(f"There is no {kind.framework} {kind.version} {kind.scope} image in {region}.", resource=region)
    processors = _scope(kind.framework, kind.scope).get("processors") or listed.get("processors") or []
    parts = [kind.version]
    if processors and listed.get("processor_in_tag", True):
        parts.append("gpu" if gpu and "gpu" in processors else "cpu")
    # Where AWS lists several, the newest Python is the last.
    parts += listed.get("py_versions", [])[-1:]
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}/{listed['repository']}:{'-'.join(parts)}"


def serving_image(training_image: str, region: str, *, gpu: bool = False) -> str:
    """The image that serves what `training_image` trained: the same one, or its inference twin of the newest version
    that AWS lists up to the training image's. Raises NotFound."""
    repository, _, tag = training_image.rpartition("/")[2].partition(":")
    if not repository.endswith("-training"):
        return training_image
    framework = repository.removesuffix("-training")
    trained = _number(tag.partition("-")[0])
    fitting = [version for version in versions(framework, "inference") if _number(version) <= trained]
    if not fitting:
        raise NotFound(f"There is no {framework} inference image for {tag}.", resource=training_image)
    newest = max(fitting, key=_number)
    return image_uri(ImageKind(framework, newest, "inference"), region, gpu=gpu)


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def newest_in(framework: str, region: str) -> str | None:
    """The newest version of a framework's image that AWS lists for a region, for training or else for inference; None
    where it has none."""
    content = _file(framework)
    scopes = [content[scope] for scope in ("training", "inference") if scope in content] or [content]
    for scope in scopes:
        found: list[str] = [version for version, listed in scope["versions"].items() if _has(listed, region)]
        if found:
            return max(found, key=_number)
    return None


def _has(listed: Mapping[str, Any], region: str) -> bool:
    """Hugging Face's versions are told apart once more by the framework below."""
    if "registries" in listed:
        return region in listed["registries"]
    return any(region in each["registries"] for each in listed.values() if "registries" in each)


@cache
def model_hub_regions() -> frozenset[str]:
    """Where SageMaker JumpStart, the hub of ready-made models, is."""
    content: Mapping[str, Any] = json.loads((_sdk() / "jumpstart" / "region_config.json").read_text())
    return frozenset(content)


def versions(framework: str, scope: str) -> tuple[str, ...]:
    """Every version of a framework's image that AWS lists, oldest first."""
    return tuple(_versions(framework, scope))


def _versions(framework: str, scope: str) -> Mapping[str, Any]:
    listed: Mapping[str, Any] = _scope(framework, scope)["versions"]
    return listed


def _scope(framework: str, scope: str) -> Mapping[str, Any]:
    content = _file(framework)
    found: Mapping[str, Any] = content.get(scope, content)
    return found


@cache
def _file(framework: str) -> Mapping[str, Any]:
    path = _sdk() / "image_uri_config" / f"{framework}.json"
    if not path.exists():
        raise NotFound(f"The SageMaker SDK lists no images of {framework}.", resource=framework)
    content: Mapping[str, Any] = json.loads(path.read_text())
    return content


def _sdk() -> Path:
    """Where the SDK keeps its lists."""
    spec = find_spec("sagemaker")
    folders = [Path(place) / "core" for place in (spec.submodule_search_locations if spec else None) or ()]
    return next(folder for folder in folders if (folder / "image_uri_config").is_dir())
