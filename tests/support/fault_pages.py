"""Lists cut to tiny pages: whoever forgets to ask for the next one misses what is on it."""

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.exceptions import DataNotFoundError

from tests.support.faults import Call, Reply

MARK = "tiny-page-"


class TinyPages:
    """Holds back the rest of every list of a JSON reply, and gives it out for a token of its own."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: dict[str, dict[str, Any]] = {}
        self._names = itertools.count()
        self._lock = threading.Lock()
        self.cut: list[str] = []
        """Operations of which a page was held back."""

    def held(self, call: Call) -> dict[str, Any] | None:
        """The page that the call's token asks for, when it is one of ours."""
        token = next((value for value in _values(call) if value.startswith(MARK)), None)
        with self._lock:
            return self._held.pop(token, None) if token else None

    def first(self, call: Call, reply: Reply) -> Reply:
        """The reply, or its first page."""
        pager = _pager(call.service, call.operation)
        if reply.status != 200 or pager is None:
            return reply
        return replace(reply, body=json.dumps(self.page(call, json.loads(reply.body))).encode())

    def page(self, call: Call, body: dict[str, Any]) -> dict[str, Any]:
        """The first rows of a body, with a token when more of them are held back."""
        pager = _pager(call.service, call.operation)
        key, token = pager or ("", "")
        rows = body.get(key, [])
        if len(rows) <= self._size:
            return body
        with self._lock:
            name = f"{MARK}{next(self._names):06}"
            self._held[name] = {**body, key: rows[self._size :]}
            self.cut.append(call.operation)
        return {**body, key: rows[: self._size], token: name}


def _values(call: Call) -> Iterator[str]:
    for values in parse_qs(urlsplit(call.target).query).values():
        yield from values
    if call.body.startswith(b"{"):
        yield from (value for value in json.loads(call.body).values() if isinstance(value, str))


@cache
def _pager(service: str, operation: str) -> tuple[str, str] | None:
    """The list of an operation's reply and its token; None for what has no pages."""
    try:
        config = botocore.session.Session().get_paginator_model(service).get_paginator(operation)
    except (ValueError, DataNotFoundError):
        return None
    key, token = config["result_key"], config["output_token"]
    return (key[0] if isinstance(key, list) else key, token) if isinstance(token, str) else None
