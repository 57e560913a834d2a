"""Settles unfinished ledger rows behind the screens: soon after a restart, and whenever a reply was lost."""

import logging
import threading
from collections.abc import Callable

from services import reconciliations
from services.cloud import Cloud
from services.errors import DeckError
from services.ledger import Ledger

EVERY_SECONDS = 10.0

log = logging.getLogger(__name__)


def start(cloud: Callable[[], Cloud], ledger: Ledger, stop: threading.Event) -> threading.Thread:
    """Look every ten seconds until `stop` is set. Asks AWS only about rows that are unfinished."""
    thread = threading.Thread(target=_keep, args=(cloud, ledger, stop), name="reconciler", daemon=True)
    thread.start()
    return thread


def _keep(cloud: Callable[[], Cloud], ledger: Ledger, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            for action in reconciliations.reconcile(cloud(), ledger):
                log.info("%s %s %s settled as %s", action.act, action.kind, action.name, action.state)
        except DeckError as error:
            # Not connected for the moment: what is unfinished stays so until the next look.
            log.info("cannot settle unfinished actions yet: %s", error.message)
        stop.wait(EVERY_SECONDS)
