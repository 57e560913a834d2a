"""From a request to the actions that it needs, each with its resource and condition keys."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from practice import ACCOUNT_ID
from practice.permissions import objects
from practice.permissions.needs import FREE, NEEDS, PREFIXES, WITHOUT_RESOURCES, Need
from practice.permissions.patterns import Context
from practice.permissions.policies import Wanted

_MEMBER = re.compile(r"\{([\w.|]+)(=\w*)?\}")
_QUERY_TAG = re.compile(r"Tags?\.(?:member\.)?(\d+)\.Key")

TagsOf = Callable[[str], Mapping[str, str] | None]
"""ARN → the tags of that resource; None for one that is not this account's own to know."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, as far as permissions go. `service` as botocore names it where it is ours, else as it was signed."""

    service: str
    operation: str
    region: str
    parameters: Mapping[str, Any]


def wanted_by(asking: Asking, tags_of: TagsOf) -> list[Wanted]:
    """The actions that a request needs, its own first. Empty for what needs none."""
    context = {**_everywhere(asking), **_request_tags(asking.parameters)}
    if asking.service == "s3":
        return objects.wanted_of(asking.operation, asking.parameters, context)
    action = f"{PREFIXES.get(asking.service, asking.service)}:{asking.operation}"
    if action in FREE:
        return []
    needs = NEEDS.get((asking.service, asking.operation)) or (Need(action, _unlisted(asking)),)
    return [
        _wanted(need, asking, context, tags_of)
        for need in needs
        if not need.only_with or any(_values(asking.parameters, need.only_with))
    ]


def _unlisted(asking: Asking) -> str | None:
    return "*" if asking.operation.startswith(WITHOUT_RESOURCES.get(asking.service, ())) else None


def _wanted(need: Need, asking: Asking, context: Context, tags_of: TagsOf) -> Wanted:
    resource = None if need.resource is None else _filled(need.resource, asking)
    own = {key: _context_values(said, asking) for key, said in need.context.items()}
    tags = tags_of(resource) if resource and resource.startswith("arn:") else None
    kept = {
        f"{prefix}:resourcetag/{key.lower()}": (value,)
        for key, value in (tags or {}).items()
        for prefix in ("aws", "sagemaker")
    }
    return Wanted(need.action, resource, {**context, **own, **kept}, tags_known=tags is not None)


def _filled(template: str, asking: Asking) -> str | None:
    """The resource's ARN; None when the request does not say all of it."""
    places = {"region": asking.region, "account": ACCOUNT_ID}
    unsaid = False

    def value(found: re.Match[str]) -> str:
        nonlocal unsaid
        said = places.get(found[1]) or _said(asking.parameters, found[1])
        unsaid = unsaid or (said is None and found[2] is None)
        return said or (found[2] or "=")[1:]

    arn = _MEMBER.sub(value, template)
    return None if unsaid or not arn.startswith(("arn:", "*")) else _lower_name(arn)


def _said(parameters: Mapping[str, Any], alternatives: str) -> str | None:
    """The first of the members that is given; of a URL (a queue's), its last part."""
    values = (value for name in alternatives.split("|") for value in _values(parameters, name))
    found = next(values, None)
    text = None if found is None else str(found)
    return text.rpartition("/")[2] if text and text.startswith(("http://", "https://")) else text


def _lower_name(arn: str) -> str:
    """SageMaker's ARNs are in lower case, however a name was given."""
    return arn.lower() if arn.startswith("arn:aws:sagemaker:") else arn


def _context_values(said: str, asking: Asking) -> tuple[str, ...]:
    member = _MEMBER.fullmatch(said)
    return tuple(map(str, _values(asking.parameters, member[1]))) if member else (said,)


def _values(found: Any, path: str) -> Iterator[Any]:
    """What is at a dotted path of members; of a list, of each of its items."""
    if isinstance(found, list):
        for each in found:
            yield from _values(each, path)
    elif not path:
        yield found
    elif isinstance(found, Mapping):
        name, _, rest = path.partition(".")
        if found.get(name) is not None:
            yield from _values(found[name], rest)


def _everywhere(asking: Asking) -> dict[str, tuple[str, ...]]:
    return {
        "aws:requestedregion": (asking.region,),
        "aws:resourceaccount": (ACCOUNT_ID,),
        "s3:resourceaccount": (ACCOUNT_ID,),
        # Loopback stands for the TLS that every client speaks to AWS.
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
    }


def _request_tags(parameters: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """aws:RequestTag/… and aws:TagKeys, whichever way the service writes its tags."""
    tags: dict[str, str] = {}
    for name in ("Tags", "tags"):
        said = parameters.get(name)
        if isinstance(said, list):
            pairs = [(tag["Key"], tag.get("Value", "")) for tag in said if isinstance(tag, Mapping) and "Key" in tag]
            tags |= {str(key): str(value) for key, value in pairs}
        elif isinstance(said, Mapping):
            tags |= {str(key): str(value) for key, value in said.items()}
    for key, value in parameters.items():
        if _QUERY_TAG.fullmatch(key):
            tags[str(value)] = str(parameters.get(key[: -len("Key")] + "Value", ""))
    keys = [*tags, *map(str, parameters.get("TagKeys", ()) or parameters.get("tagKeys", ()))]
    found: dict[str, tuple[str, ...]] = {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    return {**found, "aws:tagkeys": tuple(keys)} if keys else found
