"""Reads CloudTrail behind the screens: 90 days of an account and region at first, then what came since."""

import logging
import threading
import time
from datetime import timedelta

from services import backfills, clocks
from services.cloud import AccountKind, Cloud
from services.deeds import Progress
from services.errors import DeckError, NotConnected, Throttled, Unavailable
from services.history import History

AGAIN_AFTER = {AccountKind.PRACTICE: timedelta(minutes=1), AccountKind.REAL: backfills.AGAIN_AFTER}
"""How long CloudTrail is left alone when all was read: a practice account's events are there at once."""
LOOK_SECONDS = 10.0
REFUSED_SECONDS = 300.0
"""How long an account that refuses is left alone."""
CLOSE_SECONDS = 30.0
MOMENTARY = (NotConnected, Throttled, Unavailable)

log = logging.getLogger(__name__)


class Historian:
    """One for the deck: reads for every account and region that a session looks at, a page of each in turn. CloudTrail
    allows two requests a second for each; the deck's own pace keeps to that."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._wanted: dict[tuple[str, str], Cloud] = {}
        self._refused: dict[tuple[str, str], float] = {}
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="historian", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def want(self, cloud: Cloud) -> None:
        """Somebody looks at this account and region."""
        with self._changed:
            known = self._wanted.get(_key(cloud))
            self._wanted[_key(cloud)] = cloud
            if known is None:
                self._changed.notify_all()

    def progress(self, account: str, region: str) -> Progress | None:
        """How far the 90 days are; None when they are read, or cannot be. `account` is Account.key."""
        if (account, region) in self._refused:
            return None
        found = self._history.deeds.progress(account, region)
        return None if found.complete else found

    def close(self) -> None:
        """Returns when the page that is under way is on disk."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
        self._thread.join(CLOSE_SECONDS)

    def _keep(self) -> None:
        while not self._closed.is_set():
            with self._changed:
                clouds = list(self._wanted.values())
            more = [self._step(cloud) for cloud in clouds if not self._closed.is_set()]
            with self._changed:
                if not self._closed.is_set() and not any(more) and len(clouds) == len(self._wanted):
                    self._changed.wait(LOOK_SECONDS)

    def _step(self, cloud: Cloud) -> bool:
        key = _key(cloud)
        if time.monotonic() < self._refused.get(key, 0.0):
            return False
        try:
            now, again_after = clocks.read_clock(cloud.account).now, AGAIN_AFTER[cloud.account.kind]
            more = backfills.step(cloud, self._history, now, again_after)
        except MOMENTARY:
            return False
        except DeckError as error:
            # Denied, or not offered here: the timeline goes on with what the deck sees.
            log.info("cannot read CloudTrail in %s: %s", cloud.region, error.message)
            self._refused[key] = time.monotonic() + REFUSED_SECONDS
            return False
        self._refused.pop(key, None)
        return more


def _key(cloud: Cloud) -> tuple[str, str]:
    return cloud.account.key, cloud.region
