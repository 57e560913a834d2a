"""Who is looking, at which account and region, and with which ledger. The only place that starts a practice account.

A session works in the practice account until somebody chooses another. What a sign-in gave is kept in the session's
memory on the server, and nowhere else; its address holds the account's name alone.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey

from pages.ui import show, visitors
from pages.ui.header import OPENS_IN_KEY, REGION_KEY
from pages.ui.historian import Historian
from pages.ui.reconciler import Reconciler
from pages.ui.show import CURRENCY_KEY
from pages.ui.supervisor import PRACTICE_KEY, Supervisor
from pages.ui.text import LANGUAGE_KEY, escape, has, plain, t
from services import catalogue, configurations
from services import cloud as clouds
from services.access import SIGN_IN_ENDED, Actor
from services.cloud import Account, Cloud, take_toll
from services.configurations import Configuration, RoleLists
from services.deeds import Progress
from services.errors import DeckError, InvalidRequest, NotConnected
from services.history import History
from services.known import Inventory
from services.ledger import Ledger
from services.paid_calls import PaidCalls
from services.plans import Act

DEFAULT_REGION = "ap-northeast-2"
ACCOUNT_KEY = "account"
"""URL key of the real account that the session works in."""
SIGN_IN_KEY = "account.sign_in"
"""Session key that asks for the sign-in dialog."""
_CHOSEN = "account.chosen"
_LINKED_REGION = "account.linked_region"

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
    paid_calls: PaidCalls
    configuration: Configuration
    trouble: DeckError | None
    """Why flightdeck.toml could not be used; then there is only the practice account, and profiles to look at."""
    changing: dict[str, Account] = field(default_factory=dict, repr=False)
    """Real accounts that this deck may change, by their keys: what was begun there is settled behind the screens."""

    def close(self) -> None:
        """End the practice account and what works behind the screens."""
        self.supervisor.close()
        self.reconciler.close()
        self.historian.close()
        self.ledger.close()
        self.history.close()
        take_toll(None)
        self.paid_calls.close()


@st.cache_resource(show_spinner=False)
def desk() -> Desk:
    """Opened once a server."""
    home = Path(os.environ.get("FLIGHTDECK_HOME", "~/.flightdeck")).expanduser()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    configuration, trouble = _configuration(home)
    supervisor, ledger = Supervisor(home / "practice"), Ledger(home / "ledger.sqlite3")
    changing: dict[str, Account] = {}
    reconciler = Reconciler(lambda: _settled_in(supervisor, changing), ledger)
    history = History(home / "history.sqlite3")
    paid_calls = PaidCalls(home / "paid_calls.sqlite3", configuration.paid_calls_usd_per_day)
    take_toll(paid_calls.charge)
    return Desk(
        home, supervisor, ledger, history, reconciler, Historian(history), paid_calls, configuration, trouble, changing
    )


def _configuration(home: Path) -> tuple[Configuration, DeckError | None]:
    try:
        return configurations.load(configurations.path(home)), None
    except InvalidRequest as error:
        log.error("%s: %s", error.resource, error.message)
        return Configuration(), error


def _settled_in(supervisor: Supervisor, changing: dict[str, Account]) -> Iterator[Cloud]:
    for real in list(changing.values()):
        yield Cloud(real, DEFAULT_REGION)
    yield Cloud(supervisor.account(), DEFAULT_REGION)


def chosen() -> Account | None:
    """The real account this session works in; None in the practice account."""
    found: Account | None = st.session_state.get(_CHOSEN)
    return found


def account() -> Account:
    """The account this session works in. Raises NotConnected."""
    return chosen() or desk().supervisor.account(actor().role)


def account_key() -> str:
    """What caches and the ledger file this session's account under; known also while it cannot be reached."""
    real = chosen()
    return real.key if real else PRACTICE_KEY


def use(real: Account | None, opens_in: str = "") -> None:
    """Work in this account from the next run on, None for the practice account; what was signed in before is let go.

    It `opens_in` its own region, unless a link to it names one.
    """
    before = chosen()
    if before is not None and before != real:
        clouds.forget(before)
        desk().changing.pop(before.key, None)
    st.session_state[_CHOSEN] = real
    if real is None:
        st.query_params.pop(ACCOUNT_KEY, None)
        return
    opens_in = st.session_state.pop(_LINKED_REGION, opens_in)
    st.query_params[ACCOUNT_KEY] = real.name
    if real.changes:
        desk().changing[real.key] = real
    if opens_in and (before is None or before.name != real.name):
        st.session_state[OPENS_IN_KEY] = opens_in


def note_link() -> None:
    """Remember the region of a link to an account that is not open yet: the head takes what is its default out of the
    address. Called before the head is drawn."""
    asked, real = st.query_params.get(ACCOUNT_KEY), chosen()
    if asked and REGION_KEY in st.query_params and (real is None or real.name != asked):
        st.session_state[_LINKED_REGION] = st.query_params[REGION_KEY]


def read_only() -> bool:
    """Whether nothing may be changed in the session's account: pages leave out what would be refused."""
    real = chosen()
    return (real is not None and real.read_only) or not may(Act.LAUNCH)


def may(act: Act) -> bool:
    """Whether whoever is here has a role for it: pages leave out what would be refused."""
    return actor().may(act)


def region() -> str:
    """The region chosen in the header, else the URL's, else Seoul."""
    known = {row.name for row in catalogue.regions()}
    chosen = st.session_state.get(REGION_KEY) or st.query_params.get(REGION_KEY)
    return chosen if chosen in known else DEFAULT_REGION


def move_to(region: str) -> None:
    """Have the next page opened in another region."""
    st.session_state[OPENS_IN_KEY] = region


def address(page: str, **params: str) -> str:
    """Where a link to `page`, a file in `pages/`, leads in a tab of its own, with all that was chosen in the head."""
    kept = (ACCOUNT_KEY, LANGUAGE_KEY, CURRENCY_KEY)
    chosen = {key: st.query_params[key] for key in kept if key in st.query_params}
    return f"{PurePosixPath(page).stem}?{urlencode({**chosen, REGION_KEY: region(), **params})}"


def cloud() -> Cloud:
    """The session's account in the session's region. Raises NotConnected."""
    return Cloud(account(), region())


def past_progress() -> Progress | None:
    """How far the reading of this account's past is; None when it is done, or cannot be."""
    return desk().historian.progress(account_key(), region())


def actor() -> Actor:
    """Who acts, with the role that flightdeck.toml gives them; with a mistake in it nobody is let in.

    Raises: NotConnected when they have to sign in, AccessDenied when no list lets them in.
    """
    shared = desk()
    return visitors.actor(shared.configuration.roles if shared.trouble is None else RoleLists(viewer=()))


@contextmanager
def shown_errors() -> Iterator[None]:
    """An error of ours is shown where it happened, with its remedy; the rest of the page still draws.

    Also a part that is drawn by itself, past the entry point, is drawn for nobody whose sign-in has ended.
    """
    try:
        actor()
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


def error_words(error: DeckError) -> str:
    """An error in one sentence, for a list of them."""
    return plain(f"errors.{type(error).__name__}")


def show_error(error: DeckError, *, in_full: bool = False) -> None:
    """What happened, to what, and what to do about it; what the network says of the practice account helps nobody.

    Where a real account is no longer connected, a button leads to signing in again; the page keeps what was typed.
    """
    kind = type(error).__name__
    away = isinstance(error, NotConnected)
    own = f"errors.{kind}.{error.code}"
    where = f" · {escape(error.resource)}" if error.resource else ""
    hidden = has(own) or (away and chosen() is None and not in_full)
    said = "" if hidden else f"{escape(error.message)}\n\n"
    remedy = t(own) if has(own) else t(f"errors.{kind}.remedy")
    st.error(f"**{t(f'errors.{kind}')}**{where}\n\n{said}{remedy}", icon=":material/error:")
    if error.code == SIGN_IN_ENDED:
        _offer(error, lambda: None)
    elif away and chosen() is not None:
        _offer(error, _want_sign_in)


def _offer(error: DeckError, want: Callable[[], None]) -> None:
    key = f"sign_in_{error.resource}"
    # Several parts of a page may fail for the one reason: one button is enough.
    with suppress(StreamlitDuplicateElementKey):
        if st.button(t("accounts.sign_in_again"), key=key, on_click=want, icon=":material/login:"):
            st.rerun(scope="app")


def _want_sign_in() -> None:
    """Before the run: an error that another click brought about is not drawn when this one is handled."""
    st.session_state[SIGN_IN_KEY] = True
