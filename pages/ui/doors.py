"""ASGI middleware about who comes in: this machine alone while there is no sign-in, and back to the address one asked
for after it."""

import ipaddress
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import visitors

REFUSAL = """\
This deck has no sign-in, so it answers its own machine alone. To let others in, configure OpenID Connect: see docs/guides/sign-in.md.
로그인이 설정되지 않아 이 데크는 실행 중인 컴퓨터에서만 열 수 있습니다. 다른 사람도 사용하게 하려면 docs/guides/sign-in.md를 참고해 OpenID Connect를 설정하십시오.
"""  # noqa: E501 - one sentence a language
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
"""A request that came through a proxy carries one: then its peer is the proxy, and nobody knows who asks."""
INNER = ("/_stcore/metrics",)
"""Answers that Streamlit gives to anybody, and that are nobody's but the machine's."""

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"
"""Streamlit's own: where a sign-in begins, and where the provider sends the browser back to."""
COOKIE = "flightdeck_opens"
MINUTES = 10


def is_loopback(host: str) -> bool:
    """Whether an address or a name means this machine alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


class LocalOnly:
    """Without a sign-in, refuses whoever is not at this machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] in ("http", "websocket")
        closed = asked and (not visitors.configured() or scope["path"].endswith(INNER))
        if not closed or _is_here(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before it was accepted: the server makes a 403 of it.
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await PlainTextResponse(REFUSAL, 403)(scope, receive, send)


def _is_here(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    host, _ = scope.get("client") or ("", 0)
    return is_loopback(host) and not any(name in headers for name in FORWARDED)


class Returns:
    """Streamlit sends everybody to the first page after the sign-in; this, to the address they had asked for.

    It is what the browser says it came from, its path and query alone, kept in a cookie of its own meanwhile.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if not path.endswith((LOGIN, CALLBACK)):
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        kept = safe_path(unquote(cookie_parser(asked.get("cookie", "")).get(COOKIE, "")))

        async def returning(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if path.endswith(LOGIN):
                    headers.append("set-cookie", _cookie(asked_for(asked), MINUTES * 60, scope["scheme"]))
                elif kept and "location" in headers:
                    headers["location"] = kept
                    headers.append("set-cookie", _cookie("", 0, scope["scheme"]))
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, returning)


def asked_for(headers: Headers) -> str:
    """The path and query that a request came from; empty unless that was a page of this very deck."""
    came_from = urlsplit(headers.get("referer", ""))
    if came_from.netloc != headers.get("host"):
        return ""
    return safe_path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def safe_path(path: str) -> str:
    """The path where a browser would stay on this site for it, else nothing: two slashes begin another host's name."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else ""


def _cookie(path: str, seconds: int, scheme: str) -> str:
    secure = "; Secure" if scheme == "https" else ""
    return f"{COOKIE}={quote(path, safe='')}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
