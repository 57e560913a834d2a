"""Members of a request or a reply as CloudTrail writes them: names begin in lower case, what is secret is hidden."""

import re
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""CloudTrail's own words."""

SECRET = re.compile(
    r"secret(?!id$|arn$|name$)|password|passphrase|privatekey|plaintext|credential|authorizedurl|environment"
    r"|hyperparameters|(session|security|auth|oauth|access)token$|^content$|messagebody|userdata|keymaterial"
)
"""Members that may hold a secret, by name in lower case; maps of settings (Environment, HyperParameters) among them."""


def shown(value: Any, shape: Shape | None, name: str = "") -> Any:
    """The value as JSON; without a shape every key counts as a member's name."""
    if SECRET.search(name.lower()) or (shape is not None and shape.metadata.get("sensitive")):
        return HIDDEN
    match value:
        case dict():
            return {_key(key, shape): shown(item, _member(shape, key), str(key)) for key, item in value.items()}
        case list() | tuple():
            inside = shape.member if isinstance(shape, ListShape) else None
            return [shown(item, inside) for item in value]
        case datetime():
            return value.isoformat()
        case bytes():
            return HIDDEN
        case _:
            return value


def lowered(name: str) -> str:
    return name[:1].lower() + name[1:]


def _key(key: str, shape: Shape | None) -> str:
    return key if isinstance(shape, MapShape) else lowered(key)


def _member(shape: Shape | None, key: str) -> Shape | None:
    if isinstance(shape, MapShape):
        return shape.value
    return shape.members.get(key) if isinstance(shape, StructureShape) else None
