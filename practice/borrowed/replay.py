"""From the journal to moto's state, and what of the journal need not be kept for it."""

import logging
import sys
from datetime import datetime

from practice.borrowed import dispatch, draws, moments
from practice.borrowed.dispatch import BrokenError, MissingError
from practice.borrowed.journal import Entry, Journal

log = logging.getLogger(__name__)


def rebuild(journal: Journal) -> None:
    """Make moto's state what the journal says, from nothing."""
    if "moto.core.base_backend" in sys.modules:
        sys.modules["moto.core.base_backend"].BackendDict.reset()
    for entry in journal.entries():
        problem = _again(entry)
        if problem:
            log.warning("journal entry %d (%s:%s) was not repeated: %s", entry.id, entry.call.service,
                        entry.name.operation, problem)  # fmt: skip


def _again(entry: Entry) -> str | None:
    moment = entry.moment
    with moments.pinned(moment.clock, moment.wall), draws.seeded(moment.seed, moment.outcomes):
        try:
            reply = dispatch.run(entry.call, entry.name.operation)
        except (MissingError, BrokenError) as error:
            return str(error)
    return None if reply.status < 400 else f"{reply.status} {bytes(reply.body[:200])!r}"


def compact(journal: Journal, now: datetime) -> None:
    """Forget what no one can tell from its absence."""
