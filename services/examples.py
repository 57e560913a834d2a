"""The scripts that can be launched as they are: one folder of `examples/` each, described by its `example.toml`."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from math import inf
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from services.archives import JUNK, pack
from services.errors import InvalidRequest, NotFound

FOLDER = Path(__file__).parents[1] / "examples"
DESCRIPTION = "example.toml"
STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_:-]{0,254}$")]
InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]


@dataclass(frozen=True, slots=True, config=STRICT)
class Words:
    """A text in the deck's languages."""

    en: str
    ko: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Hyperparameter:
    """A knob of the script. `default` is text, as SageMaker takes it; empty means that the script decides."""

    name: Name
    kind: Literal["int", "float", "text"]
    default: str
    help: Words
    minimum: float = -inf
    maximum: float = inf


@dataclass(frozen=True, slots=True, config=STRICT)
class DataChannel:
    """Data the script can read."""

    name: Name
    required: bool
    help: Words


@dataclass(frozen=True, slots=True, config=STRICT)
class Metric:
    """A metric definition: the first group of `regex` in a log line is a value of `name`."""

    name: Name
    regex: str

    def __post_init__(self) -> None:
        if re.compile(self.regex).groups != 1:
            raise ValueError(f"{self.regex} must have one group, the value")


@dataclass(frozen=True, slots=True, config=STRICT)
class Serving:
    """How the model is served, with a request to try it with."""

    entry_point: str
    content_type: str
    payload: str


@dataclass(frozen=True, slots=True, config=STRICT)
class Example:
    """A script that can be launched as it is."""

    name: Name
    folder: Path
    title: Words
    description: Words
    framework: Literal["sklearn", "pytorch"]
    """Whose image it runs in, and `framework_version` which one, as `images.ImageKind` names them."""
    framework_version: str
    entry_point: str
    instance_type: InstanceType
    instance_count: Annotated[int, Field(ge=1, le=20)]
    volume_gib: Annotated[int, Field(ge=1)]
    max_runtime_seconds: Annotated[int, Field(ge=1)]
    torchrun: bool = False
    """Whether every host should start it under `torchrun`."""
    hyperparameters: tuple[Hyperparameter, ...] = ()
    channels: tuple[DataChannel, ...] = ()
    metrics: tuple[Metric, ...] = ()
    serve: Serving | None = None

    def __post_init__(self) -> None:
        scripts = [self.entry_point, *([self.serve.entry_point] if self.serve else [])]
        missing = [script for script in scripts if not (self.folder / script).is_file()]
        if missing:
            raise ValueError(f"{self.folder} has no {', '.join(missing)}")


def list_examples(folder: Path = FOLDER) -> tuple[Example, ...]:
    """All examples, by name. Raises: InvalidRequest for a description that does not hold."""
    return tuple(_read(path.parent) for path in sorted(folder.glob(f"*/{DESCRIPTION}")))


def get_example(name: str, folder: Path = FOLDER) -> Example:
    """The example of that name. Raises: NotFound."""
    for example in list_examples(folder):
        if example.name == name:
            return example
    raise NotFound(f"There is no example {name}.", resource=name, remedy="Choose one of the list.")


def source_files(folder: Path) -> dict[str, bytes]:
    """A folder's files for a job: path below it → content. Left out: the description, caches, what is hidden.

    Raises: InvalidRequest for a link, since it could bring in what lies elsewhere.
    """
    files = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if str(inside) == DESCRIPTION or any(part in JUNK or part.startswith(".") for part in inside.parts):
            continue
        if path.is_symlink():
            raise InvalidRequest(f"{inside} is a link.", resource=folder.name, remedy="Put the file itself there.")
        if path.is_file():
            files[inside.as_posix()] = path.read_bytes()
    return files


def package_source(folder: Path) -> bytes:
    """The folder as a `sourcedir.tar.gz`; the same files always give the same bytes. Raises: InvalidRequest."""
    return pack(source_files(folder))


def checked_value(parameter: Hyperparameter, text: str) -> str:
    """The text that a user gave for a hyperparameter, trimmed. Empty where the default is empty too is fine.

    Raises: InvalidRequest when it is no number or lies beyond the limits.
    """
    text = text.strip()
    if parameter.kind == "text" or (not text and not parameter.default):
        return text
    try:
        value = int(text) if parameter.kind == "int" else float(text)
    except ValueError as exc:
        wanted = "a whole number" if parameter.kind == "int" else "a number"
        raise _refused(parameter, f"must be {wanted}") from exc
    if not parameter.minimum <= value <= parameter.maximum:
        raise _refused(parameter, f"must lie between {parameter.minimum:g} and {parameter.maximum:g}")
    return text


def chosen_hyperparameters(example: Example, values: Mapping[str, str]) -> dict[str, str]:
    """What a training job is sent: the defaults with the user's values over them, without what is left empty.

    Raises: InvalidRequest for a value that does not fit, or a name that the example does not have.
    """
    unknown = set(values) - {parameter.name for parameter in example.hyperparameters}
    if unknown:
        raise InvalidRequest(
            f"{example.name} has no hyperparameter {', '.join(sorted(unknown))}.", resource=example.name
        )
    chosen = {one.name: checked_value(one, values.get(one.name, one.default)) for one in example.hyperparameters}
    return {name: value for name, value in chosen.items() if value}


@cache
def _read(folder: Path) -> Example:
    path = folder / DESCRIPTION
    try:
        described = tomllib.loads(path.read_text(encoding="utf-8"))
        return TypeAdapter(Example).validate_python({"name": folder.name, "folder": folder, **described})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as exc:
        raise InvalidRequest(f"{path} does not describe an example: {exc}", resource=folder.name) from exc


def _refused(parameter: Hyperparameter, reason: str) -> InvalidRequest:
    return InvalidRequest(f"{parameter.name} {reason}.", resource=parameter.name)
