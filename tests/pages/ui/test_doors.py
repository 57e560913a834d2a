"""Who comes in without a sign-in, and where one arrives after it."""

import asyncio
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from pages.ui import doors, visitors


async def _deck(scope: Scope, receive: Receive, send: Send) -> None:
    """What lies behind: a page, a socket, and Streamlit's way back to the first page."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    goes = scope["path"] in ("/auth/login", "/oauth2callback")
    await send({
        "type": "http.response.start", "status": 302 if goes else 200, "headers": [(b"location", b"/")] if goes else [],
    })  # fmt: skip
    await send({"type": "http.response.body", "body": b"page"})


APP = doors.LocalOnly(doors.Returns(_deck))


def ask(path: str = "/", host: str = "127.0.0.1", kind: str = "http", **headers: str) -> list[Message]:
    """All that the server says to one request."""
    said: list[Message] = []
    lines = [(b"host", b"deck.example")]
    lines += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": "GET", "path": path, "headers": lines, "client": (host, 4711), "scheme": "http"}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    asyncio.run(APP(scope, receive, send))
    return said


def status(said: list[Message]) -> int:
    return int(said[0]["status"])


def header(said: list[Message], name: str) -> str:
    return str(Headers(raw=said[0]["headers"]).get(name, ""))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_answered(host: str) -> None:
    assert status(ask(host=host)) == 200
    assert ask(host=host, kind="websocket")[0]["type"] == "websocket.accept"


@pytest.mark.parametrize(
    ("host", "headers"),
    [
        ("192.168.0.7", {}),
        ("::ffff:192.168.0.7", {}),
        ("2001:db8::1", {}),
        ("127.0.0.1.example", {}),
        ("127.0.0.1", {"x_forwarded_for": "127.0.0.1"}),
        ("127.0.0.1", {"forwarded": "for=192.168.0.7"}),
        ("127.0.0.1", {"x_real_ip": "192.168.0.7"}),
    ],
)
def test_nobody_else_is_answered_without_a_sign_in(host: str, headers: dict[str, Any]) -> None:
    refused = ask(host=host, **headers)
    assert status(refused) == 403
    assert b"docs/guides/sign-in.md" in refused[1]["body"]
    assert ask(host=host, kind="websocket", **headers)[0]["type"] == "websocket.close"


def test_with_a_sign_in_everybody_may_come_to_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "configured", lambda: True)
    assert status(ask(host="192.168.0.7")) == 200
    assert status(ask("/_stcore/metrics", "192.168.0.7")) == 403
    assert status(ask("/_stcore/metrics")) == 200


@pytest.mark.parametrize(
    ("came_from", "opens"),
    [
        ("http://deck.example/notebooks?name=lab&lang=ko", "/notebooks?name=lab&lang=ko"),
        ("http://deck.example/", "/"),
        ("http://deck.example//evil.example/", "/"),
        ("http://deck.example/\\evil.example", "/"),
        ("http://evil.example/notebooks", "/"),
        ("", "/"),
    ],
)
def test_one_arrives_where_one_wanted_to_go(came_from: str, opens: str) -> None:
    kept = header(ask("/auth/login", referer=came_from), "set-cookie")
    assert "HttpOnly; SameSite=Lax" in kept
    back = ask("/oauth2callback", cookie=kept.split(";")[0])
    assert header(back, "location") == opens
    assert header(ask("/oauth2callback"), "location") == "/"


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/a\nb", "/\\evil", "notebooks", "/ü"])
def test_a_cookie_that_somebody_wrote_leads_nowhere(path: str) -> None:
    assert doors.safe_path(path) == ""


def test_a_referrer_counts_for_its_own_host_alone() -> None:
    asked = Headers({"host": "deck.example", "referer": "http://deck.example.evil/launch"})
    assert doors.asked_for(asked) == ""
    assert not doors.is_loopback("deck.example")
    assert doors.is_loopback("localhost")
