"""Header names as they were sent: WSGI writes `_` for `-`, and S3's metadata may hold both."""

import re
from collections.abc import Mapping
from typing import Any

ROLE_HEADER = "x-practice-role"
"""The ARN of the role that the account itself, by its own key, acts as: what a schedule calls, it calls as its role."""

INTERRUPTION_HEADER = "x-practice-interruption"
"""On a call by the account's own key that ends Spot Instances: EC2 itself takes them back."""

_METADATA = re.compile(rb"^(x-amz-meta-)([^:\s]+):", re.IGNORECASE | re.MULTILINE)


def with_marked_underscores(head: bytes) -> bytes:
    """A request's head, `_` in the names of S3's metadata written `~1` and `~` written `~0`, so that no server takes
    it for an attempt to pass one header off as another, and WSGI keeps it apart from `-`."""
    return _METADATA.sub(lambda m: m[1] + m[2].replace(b"~", b"~0").replace(b"_", b"~1") + b":", head)


def with_small_metadata(head: bytes) -> bytes:
    """A reply's head, the names of S3's metadata in lower case: clients take them as they come."""
    return _METADATA.sub(lambda m: m[0].lower(), head)


def read_headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The request's headers by lower-case name, underscores as they were sent."""
    headers = {_name(key[5:]): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[_name(key)] = environ[key]
    return headers


def _name(key: str) -> str:
    return key.replace("_", "-").lower().replace("~1", "_").replace("~0", "~")
