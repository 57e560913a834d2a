"""Settles unfinished ledger rows behind the screens: soon after a restart, and whenever a reply was lost."""

import logging
import threading
from collections.abc import Callable, Iterable

from services import reconciliations
from services.cloud import Cloud
from services.errors import DeckError
from services.ledger import Ledger

EVERY_SECONDS = 10.0
CLOSE_SECONDS = 30.0

log = logging.getLogger(__name__)


class Reconciler:
    """Looks every ten seconds until it is closed. Asks AWS only about rows that are unfinished."""

    def __init__(self, clouds: Callable[[], Iterable[Cloud]], ledger: Ledger) -> None:
        self._clouds = clouds
        self._ledger = ledger
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="reconciler", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def close(self) -> None:
        """Returns when the look that is under way has ended."""
        self._closed.set()
        self._thread.join(CLOSE_SECONDS)

    def _keep(self) -> None:
        while not self._closed.is_set():
            try:
                for cloud in self._clouds():
                    self._settle(cloud)
            except DeckError as error:
                log.info("cannot settle unfinished actions yet: %s", error.message)
            self._closed.wait(EVERY_SECONDS)

    def _settle(self, cloud: Cloud) -> None:
        try:
            for action in reconciliations.reconcile(cloud, self._ledger):
                log.info("%s %s %s settled as %s", action.act, action.kind, action.name, action.state)
        except DeckError as error:
            # Not connected for the moment: what is unfinished stays so until the next look.
            log.info("cannot settle unfinished actions yet: %s", error.message)
