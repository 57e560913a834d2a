"""An HTTP proxy between the deck's services and a practice account, at which things go wrong on purpose.

A forward proxy: clients name the account's own address, so Host and signature stay what they are.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from json import dumps
from urllib.parse import urlsplit

from services.cloud import Cloud
from tests.support import servers
from tests.support.deck_wishes import deck_account
from tests.support.fault_pages import TinyPages
from tests.support.faults import KINDS, Call, Dice, Fault, Passing, Reply, call_of
from tests.support.practice_account import REGION, Account

HOP_BY_HOP = {"connection", "proxy-connection", "transfer-encoding", "content-length", "keep-alive"}
FORWARD_SECONDS = 120


@dataclass
class Proxy:
    """A running proxy. `faults` may be changed at any time; `met` counts (service, operation, kind or `""`)."""

    faults: Sequence[Fault] = ()
    seed: int = 0
    pages: TinyPages | None = None
    rewrite: Callable[[Call, Reply], Reply] = lambda _, reply: reply
    """What becomes of a reply that no fault befell."""
    url: str = ""
    met: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = Dice(self.seed)
        self._lock = threading.Lock()
        self.closing = threading.Event()

    def answer(self, call: Call, forward: "Forward") -> Reply:
        fault = self._dice.draw(self.faults, call)
        with self._lock:
            self.met[call.service, call.operation, fault.kind if fault else ""] += 1
        if fault is not None:
            return KINDS[fault.kind](Passing(call, forward, self._dice.own(), self.closing.wait))
        if self.pages is None:
            return self.rewrite(call, forward())
        rest = self.pages.held(call)
        if rest is not None:
            return Reply(
                200, (("Content-Type", "application/x-amz-json-1.1"),), dumps(self.pages.page(call, rest)).encode()
            )
        return self.pages.first(call, forward())

    def count(self, kind: str) -> int:
        """How many calls a kind of fault befell."""
        return sum(times for (_, _, met), times in self.met.items() if met == kind)


@dataclass(frozen=True, slots=True)
class Forward:
    """The way on to the address that the request names."""

    netloc: str
    call: Call

    def __call__(self) -> Reply:
        connection = HTTPConnection(self.netloc, timeout=FORWARD_SECONDS)
        headers = {name: value for name, value in self.call.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            connection.request(self.call.method, self.call.target, self.call.body or None, headers)
            answer = connection.getresponse()
            kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP)
            return Reply(answer.status, kept, answer.read())
        finally:
            connection.close()


class _Handler(servers.Handler):
    proxy: Proxy

    def serve(self) -> None:
        body = self.body()
        call = call_of(self.command, self.path, self.headers, body)
        try:
            self._send(self.proxy.answer(call, Forward(urlsplit(self.path).netloc, call)))
        except ConnectionError:
            # The account is gone, or the caller is: neither hears anything.
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        if reply.status == 0:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.torn else reply.body)
        if reply.torn:
            self.close_connection = True


@contextmanager
def running(faults: Sequence[Fault] = (), *, seed: int = 0, page: int = 0) -> Iterator[Proxy]:
    """A proxy on a free loopback port; `page` cuts lists to that many rows."""
    proxy = Proxy(faults, seed, TinyPages(page) if page else None)
    with servers.serving(type("Handler", (_Handler,), {"proxy": proxy})) as proxy.url:
        try:
            yield proxy
        finally:
            proxy.closing.set()


def cloud_through(proxy: Proxy, practice: Account, region: str = REGION) -> Cloud:
    """The account as the deck's services see it with the proxy on the way."""
    return Cloud(replace(deck_account(practice), proxy_url=proxy.url), region)
