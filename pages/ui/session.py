"""Who is looking, at which account and region, and with which ledger. The only place that starts a practice account."""

import getpass
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui import reconciler
from pages.ui.header import REGION_KEY
from pages.ui.supervisor import Supervisor
from pages.ui.text import escape, t
from services import catalogue
from services.access import Actor, Role
from services.cloud import Account, Cloud
from services.errors import DeckError
from services.history import History
from services.known import Inventory
from services.ledger import Ledger

DEFAULT_REGION = "ap-northeast-2"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all sessions of this deck share."""

    home: Path
    supervisor: Supervisor
    ledger: Ledger
    history: History


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Opened once a server."""
    home = Path(os.environ.get("FLIGHTDECK_HOME", "~/.flightdeck")).expanduser()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor, ledger = Supervisor(home / "practice"), Ledger(home / "ledger.sqlite3")
    reconciler.start(lambda: Cloud(supervisor.account(), DEFAULT_REGION), ledger, threading.Event())
    return Desk(home, supervisor, ledger, History(home / "history.sqlite3"))


def account() -> Account:
    """The account this session works in. Raises NotConnected."""
    return desk().supervisor.account()


def region() -> str:
    """The region chosen in the header, else the URL's, else Seoul."""
    known = {row.name for row in catalogue.regions()}
    chosen = st.session_state.get(REGION_KEY) or st.query_params.get(REGION_KEY)
    return chosen if chosen in known else DEFAULT_REGION


def cloud() -> Cloud:
    """The session's account in the session's region. Raises NotConnected."""
    return Cloud(account(), region())


def actor() -> Actor:
    """Without a sign-in the deck serves loopback alone, and whoever sits there is its operator."""
    return Actor(os.environ.get("FLIGHTDECK_USER") or getpass.getuser(), Role.OPERATOR)


@contextmanager
def shown_errors() -> Iterator[None]:
    """An error of ours is shown where it happened, with its remedy; the rest of the page still draws."""
    try:
        yield
    except DeckError as error:
        log.info("%s: %s (%s)", type(error).__name__, error.resource, error.code)
        show_error(error)


def show_failures(known: Inventory, *sources: str) -> None:
    """What could not be asked, in place; what is known of it from before is still drawn."""
    for source in sources:
        if source in known.failures:
            show_error(known.failures[source])


def show_error(error: DeckError) -> None:
    """What happened, to what, and what to do about it."""
    kind = type(error).__name__
    where = f" · {escape(error.resource)}" if error.resource else ""
    st.error(
        f"**{t(f'errors.{kind}')}**{where}\n\n{escape(error.message)}\n\n{t(f'errors.{kind}.remedy')}",
        icon=":material/error:",
    )
