"""The operations of owned services: a function from a checked request to a reply, registered under its AWS name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from practice import ACCOUNT_ID
from practice.world import World, arn

Request = dict[str, Any]
"""Checked against the service's model: members as AWS names them, timestamps as aware datetimes, blobs as bytes."""

Reply = dict[str, Any]
"""The same for the reply; None values and unknown members are refused."""


Borrowed = Callable[[str, str, str, bytes], bytes]
"""(signing name, region, X-Amz-Target, JSON body) → the JSON body that moto answers."""


def _nothing_borrowed(*_: object) -> bytes:
    raise LookupError("nothing is borrowed here")


@dataclass(frozen=True, slots=True)
class Context:
    """Where a request is carried out."""

    world: World
    region: str
    borrowed: Borrowed = _nothing_borrowed

    def arn(self, path: str, service: str = "sagemaker") -> str:
        return arn(service, self.region, path)

    @property
    def account(self) -> str:
        return ACCOUNT_ID


Operation = Callable[[Context, Request], Reply]


@dataclass(frozen=True, slots=True)
class Registered:
    """`live` operations take long (an invocation) and run outside the transaction that the others run in."""

    act: Operation
    live: bool


OPERATIONS: dict[tuple[str, str], Registered] = {}
"""(service as botocore names it, operation) → how it is carried out."""


def operation(service: str, name: str, *, live: bool = False) -> Callable[[Operation], Operation]:
    """Register the decorated function as `service`'s operation `name`."""

    def register(act: Operation) -> Operation:
        OPERATIONS[service, name] = Registered(act, live)
        return act

    return register
