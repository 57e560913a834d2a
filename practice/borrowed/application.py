"""What this account borrows from moto, as one WSGI application: its clock, its chance and its survival are ours.

A request that may change something runs alone, at one moment and from one seed; when moto has answered with success it
is in the journal, synced, before the reply leaves. At start the journal is run again. A read runs beside others and
without a lock; should a change have got in its way, it is run once more with none beside it.
"""

import gc
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.client import responses
from pathlib import Path
from typing import Any

from practice.borrowed import (
    asked,
    birth,
    corrections,
    credentials,
    dispatch,
    draws,
    grants,
    identities,
    loading,
    moments,
    names,
    objects,
    refusals,
    replay,
    simulations,
)
from practice.borrowed.bodies import Bodies, Content, Stored
from practice.borrowed.calls import Call, Unsigned, read_call
from practice.borrowed.compaction import compact
from practice.borrowed.dispatch import BrokenError, MissingError, Reply
from practice.borrowed.journal import Journal, Moment
from practice.borrowed.names import Name
from practice.borrowed.objects import Held
from practice.clock import Clock, wall_now
from practice.errors import ServiceError
from practice.permissions.decisions import Denied
from practice.permissions.requests import Asking

BODY_IS_VALUE = frozenset(("PutObject", "UploadPart"))
"""Operations of S3 whose body is what an object will hold."""

CHANGES_IAM = ("iam", "cloudformation")
"""Services whose requests may change what somebody is granted."""

SIMULATION = ("iam", "SimulatePrincipalPolicy")
"""The one operation of a borrowed service that is ours."""

FIRST_NEEDED = ("sts", "iam", "s3", "cloudwatch")
"""What almost every account is asked first: loaded behind the start, which does not wait for it."""

POLL_SECONDS = 0.5
"""How often a long poll looks again by itself: a message may become visible as time passes."""

Decide = Callable[[Asking, str, str], None]
"""(request, access key, role) → nothing, or Denied is raised."""

log = logging.getLogger(__name__)


class Watch:
    """What the account wants to know of borrowed calls; nothing, unless it says so."""

    def admit(self, call: Call, name: Name) -> None:
        """Raises ServiceError for a call that must not come in."""

    def check(self, call: Call, name: Name) -> None:
        """Called with none beside it, before a change is made. Raises ServiceError for one that must not be."""

    def changed(self, call: Call, name: Name, reply: Reply) -> None:
        """A call that may have changed something has its reply, and the reply waits for this."""


class Borrowed:
    """One per process: moto keeps its state in its modules. Ready when the constructor returns."""

    def __init__(self, home: Path, clock: Clock, decide: Decide, watch: Watch) -> None:
        folder = home / "borrowed"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clock = clock
        self._decide = decide
        self._watch = watch
        self._bodies = Bodies(folder / "bodies")
        self._journal = Journal(folder / "journal.sqlite3", self._bodies)
        self._changed = threading.Condition()
        """Held while anything changes; notified when something has."""
        self.granted = grants.Granted(self._changed)
        Held.bodies = self._bodies
        moments.follow(clock.now)
        birth.set_birth(self._journal.birth(clock.now()))
        loading.install(corrections.PREPARATIONS, corrections.CORRECTIONS, identities.CORRECTIONS, objects.CORRECTIONS)
        compact(self._journal, clock.now(), wall_now())
        with _without_collector():
            replay.rebuild(self._journal)
        self._bodies.remove_all_but(self._journal.body_files() | Held.in_use())
        threading.Thread(target=dispatch.load, args=(FIRST_NEEDED,), name="moto", daemon=True).start()

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        try:
            reply = self.answer(read_call(environ))
        except Unsigned as unsigned:
            reply = refusals.error("query", 403, "MissingAuthenticationToken", str(unsigned))
        head = environ["REQUEST_METHOD"] == "HEAD"
        headers = {name.lower(): value for name, value in reply.headers.items()}
        if not head or "content-length" not in headers:
            headers["content-length"] = str(len(reply.body))
        start_response(f"{reply.status} {responses.get(reply.status, '')}", list(headers.items()))
        if head:
            return []
        return reply.body.pieces() if isinstance(reply.body, Content) else [reply.body]

    def answer(self, call: Call) -> Reply:
        """The reply to a call whose signature has been checked."""
        name = Name("", "json")
        try:
            if call.path == "/moto-api" or call.path.startswith("/moto-api/"):
                return refusals.error("query", 404, "NotFound", "There is nothing here.")
            name = names.name_of(call)
            self._watch.admit(call, name)
            self._decide(asked.asking_of(name, call), call.access_key, call.role)
            if name.protocol == "s3" and names.NOT_IN_S3.search(name.operation):
                raise MissingError("moto would take it for another operation")
            if (call.service, name.operation) == SIMULATION:
                return simulations.simulate(call.form, self.granted.of_arn)
            if not name.changes:
                return self._read(name, call)
            return self._told(name, call, self._change(name, call))
        except Denied as denied:
            return self._told(name, call, refusals.denied(name.protocol, str(denied)))
        except ServiceError as refusal:
            return refusals.error(name.protocol, refusal.status, refusal.code, refusal.message)
        except MissingError:
            return refusals.not_implemented(call, name)
        except BrokenError as error:
            log.exception("moto broke over %s:%s", call.service, name.operation)
            return refusals.error(name.protocol, 500, "InternalFailure", str(error))
        except sqlite3.Error as error:
            log.exception("the journal cannot be written")
            return refusals.error(name.protocol, 500, "InternalFailure", f"not kept on disk: {error}")

    def _told(self, name: Name, call: Call, reply: Reply) -> Reply:
        self._watch.changed(call, name, reply)
        return reply

    def ask(self, service: str, region: str, target: str, body: bytes) -> bytes:
        """What moto says to a JSON service's read, for an operation of ours that stands on it."""
        headers = {"x-amz-target": target, "content-type": "application/x-amz-json-1.1"}
        reply = self._read(
            Name(target.rpartition(".")[2], "json"), Call(service, region, "", "POST", "/", "", headers, body)
        )
        return reply.body if isinstance(reply.body, bytes) else b"".join(reply.body.pieces())

    def secret_for(self, access_key: str, session_token: str | None = None) -> str | None:
        """The secret of a key that IAM or STS of this account gave out and that is still good, else None."""
        return credentials.secret_for(access_key, session_token)

    def close(self) -> None:
        with self._changed:
            self._journal.close()

    def _read(self, name: Name, call: Call) -> Reply:
        try:
            return dispatch.run(call, name.operation)
        except BrokenError:
            with self._changed:
                return dispatch.run(call, name.operation)

    def _change(self, name: Name, call: Call) -> Reply:
        stored = self._bodies.keep((call.body,)) if call.is_large else None
        if stored and name.operation in BODY_IS_VALUE and call.is_bare:
            call = replace(call, body=b"", stored=stored)
        started = time.monotonic()
        with self._changed:
            while True:
                reply, wait_seconds = self._run_alone(name, call, stored)
                left = wait_seconds - (time.monotonic() - started)
                if left <= 0:
                    return reply
                self._changed.wait(min(left, POLL_SECONDS))

    def _run_alone(self, name: Name, call: Call, stored: Stored | None) -> tuple[Reply, int]:
        """Run and journal. Also returns for how many seconds a receive that found nothing wants to wait."""
        clock, wall, seed = self._clock.now(), wall_now(), draws.new_seed()
        with moments.pinned(clock, wall), draws.seeded(seed) as drawn:
            self._watch.check(call, name)
            reply = dispatch.run(call, name.operation)
        if reply.status >= 400 or drawn.empty_receive is not None:
            return reply, drawn.empty_receive or 0
        try:
            self._journal.append(name, call, Moment(clock, wall, seed, tuple(drawn.outcomes)), stored)
        except sqlite3.Error:
            # What moto did must not be seen by anyone when it would be gone after a restart.
            replay.rebuild(self._journal)
            self.granted.forget()
            raise
        if call.service in CHANGES_IAM:
            self.granted.forget()
        self._changed.notify_all()
        return reply, 0


@contextmanager
def _without_collector() -> Iterator[None]:
    """Loading and replaying make a million objects that stay: looking through them again and again is a third of the
    time that a start takes."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
