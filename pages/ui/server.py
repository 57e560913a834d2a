"""The web server around the pages: what starts and ends with it, and the headers of every answer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import doors, visitors

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        # Streamlit's own start, and our `st.html` that says the page's language, are inline.
        "script-src 'self' 'unsafe-inline' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' ws: wss:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

log = logging.getLogger(__name__)


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """The practice account starts with the server and not with the first page, and ends with it."""
    # Not at the top: what caches belongs to the server's runtime, which is there by now.
    from pages.ui import session

    _say_who_comes_in()
    shared = await asyncio.to_thread(session.desk)
    warming = asyncio.create_task(asyncio.to_thread(_warm))
    try:
        yield
    finally:
        # Only the account: a page may still be writing to the ledger, which needs no closing.
        await asyncio.to_thread(shared.supervisor.close)
        await warming


def _say_who_comes_in() -> None:
    """What the owner has set up, where it is not what they may think."""
    address = streamlit.get_option("server.address") or "0.0.0.0"  # noqa: S104 - Streamlit's own default
    if not visitors.configured():
        if not doors.is_loopback(address):
            log.warning("%s is served, but without a sign-in: %s", address, doors.REFUSAL.splitlines()[0])
    elif visitors.missing():
        log.error("nobody can sign in: [auth] lacks, or has too short, %s", ", ".join(visitors.missing()))


def _warm() -> None:
    """Ask for what the first visitor sees, so that it is known before anybody looks."""
    from pages.ui import reads, session
    from services.cloud import Cloud
    from services.errors import DeckError

    try:
        reads.current(Cloud(session.desk().supervisor.account(), session.DEFAULT_REGION))
    except DeckError:
        return  # the page says it, where somebody can read it


class Headers:
    """ASGI middleware: `HEADERS` on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_ENCODED]
            await send(message)

        await self._app(scope, receive, with_headers)


_ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

MIDDLEWARE = [
    Middleware(Headers),
    Middleware(doors.LocalOnly),
    # Streamlit checks the Host of its socket alone: a page under a foreign name is refused before it loads.
    Middleware(TrustedHostMiddleware, allowed_hosts=streamlit.get_option("server.allowedHosts")),
    Middleware(doors.Returns),
]
