"""From the journal to moto's state."""

import logging
import sys
from typing import Any

from practice.borrowed import dispatch, draws, moments
from practice.borrowed.dispatch import BrokenError, MissingError
from practice.borrowed.journal import Entry, Journal

log = logging.getLogger(__name__)


def rebuild(journal: Journal) -> None:
    """Make moto's state what the journal says, from nothing."""
    _forget_everything()
    for entry in journal.entries():
        problem = _again(entry)
        if problem:
            log.warning("journal entry %d (%s:%s) was not repeated: %s", entry.id, entry.call.service,
                        entry.name.operation, problem)  # fmt: skip


def _forget_everything() -> None:
    if "moto.core.base_backend" not in sys.modules:
        return
    known: list[Any] = sys.modules["moto.core.base_backend"].BackendDict._instances
    for backends in known:
        if backends.service_name == "s3":
            for account in backends.values():
                account.reset()  # closes what its objects are held in
        backends.clear()
    known.clear()


def _again(entry: Entry) -> str | None:
    moment = entry.moment
    with moments.pinned(moment.clock, moment.wall), draws.seeded(moment.seed, moment.outcomes):
        try:
            reply = dispatch.run(entry.call, entry.name.operation)
        except (MissingError, BrokenError) as error:
            return str(error)
    return None if reply.status < 400 else f"{reply.status} {bytes(reply.body[:200])!r}"
