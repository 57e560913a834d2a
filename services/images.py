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
    spec = find_spec("sagemaker")
    folders = [Path(place) for place in (spec.submodule_search_locations if spec else None) or ()]
    for folder in folders:
        path = folder / "core" / "image_uri_config" / f"{framework}.json"
        if path.exists():
            content: Mapping[str, Any] = json.loads(path.read_text())
            return content
    raise NotFound(f"The SageMaker SDK lists no images of {framework}.", resource=framework)
