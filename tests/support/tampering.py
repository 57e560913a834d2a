"""Calls of the deck's clients that an account refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.cloud import Cloud


@contextmanager
def denied(cloud: Cloud, service: str, operation: str) -> Iterator[None]:
    """Within, the account denies an operation: its requests leave with a signature that is not ours."""
    events = cloud.client(service).meta.events
    name = f"before-send.{cloud.client(service).meta.service_model.service_id.hyphenize()}.{operation}"

    def spoil(request: Any, **_: Any) -> None:
        request.headers["Authorization"] = request.headers["Authorization"][:-4] + b"0000"

    events.register(name, spoil, unique_id="spoil")
    yield
    events.unregister(name, spoil, unique_id="spoil")
