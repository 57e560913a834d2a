"""Who is looking, at which account and region, and with which ledger. The only place that starts a practice account."""

import getpass
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui import show
from pages.ui.header import REGION_KEY
from pages.ui.historian import Historian
from pages.ui.reconciler import Reconciler
from pages.ui.supervisor import PRACTICE_KEY, Supervisor
from pages.ui.text import escape, t
from services import catalogue
from services.access import Actor, Role
from services.cloud import Account, Cloud
from services.deeds import Progress
from services.errors import DeckError, NotConnected
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
    reconciler: Reconciler
    historian: Historian

    def close(self) -> None:
        """End the practice account and what works behind the screens."""
        self.supervisor.close()
        self.reconciler.close()
        self.historian.close()
        self.ledger.close()
        self.history.close()


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Opened once a server."""
    home = Path(os.environ.get("FLIGHTDECK_HOME", "~/.flightdeck")).expanduser()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor, ledger = Supervisor(home / "practice"), Ledger(home / "ledger.sqlite3")
    reconciler = Reconciler(lambda: Cloud(supervisor.account(), DEFAULT_REGION), ledger)
    history = History(home / "history.sqlite3")
    return Desk(home, supervisor, ledger, history, reconciler, Historian(history))


def account() -> Account:
    """The account this session works in. Raises NotConnected."""
    return desk().supervisor.account()


def account_key() -> str:
    """What caches and the ledger file this session's account under; known also while it cannot be reached."""
    return PRACTICE_KEY


def region() -> str:
    """The region chosen in the header, else the URL's, else Seoul."""
    known = {row.name for row in catalogue.regions()}
    chosen = st.session_state.get(REGION_KEY) or st.query_params.get(REGION_KEY)
    return chosen if chosen in known else DEFAULT_REGION


def cloud() -> Cloud:
    """The session's account in the session's region. Raises NotConnected."""
    return Cloud(account(), region())


def past_progress() -> Progress | None:
    """How far the reading of this account's past is; None when it is done, or cannot be."""
    return desk().historian.progress(account_key(), region())


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
    """What could not be asked, each kind of trouble once; what is known from before is still drawn, with its time."""
    failed = {source: known.failures[source] for source in ("account", *sources) if source in known.failures}
    for source, error in {type(error): (source, error) for source, error in failed.items()}.values():
        log.info("%s: %s: %s", source, type(error).__name__, error.message)
        show_error(error)
    if failed:
        oldest = min((known.read_at[source] for source in failed if source in known.read_at), default=known.at)
        st.caption(t("errors.as_of", when=show.exact(oldest)))


def show_error(error: DeckError) -> None:
    """What happened, to what, and what to do about it; the network's own words help nobody."""
    kind = type(error).__name__
    where = f" · {escape(error.resource)}" if error.resource else ""
    said = "" if isinstance(error, NotConnected) else f"{escape(error.message)}\n\n"
    remedy = t(f"errors.{kind}.remedy")
    st.error(f"**{t(f'errors.{kind}')}**{where}\n\n{said}{remedy}", icon=":material/error:")
