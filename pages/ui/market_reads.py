"""What may be had and what it costs, as the screens read it: quotas of all regions, offers with the room they leave."""

import hashlib
import math
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import session
from pages.ui.text import t
from services import (
    catalogue,
    clocks,
    configurations,
    live_prices,
    offer_rates,
    offers,
    own_rates,
    price_files,
    prices,
    quota_grids,
)
from services.cloud import Account, AccountKind
from services.errors import InvalidRequest, NotConnected
from services.offer_rates import Layer
from services.offers import Found, Offers, Room, Wanted
from services.price_files import LivePrices
from services.quota_uses import RegionQuotas

if TYPE_CHECKING:
    import pyarrow as pa

DAY = timedelta(days=1)
_behind = ThreadPoolExecutor(1, thread_name_prefix="prices")
_asked_at: dict[Path, float] = {}
"""Folder → when its prices were last asked for behind the screens, by our own clock."""
RETRY_SECONDS = 3600
"""How long an account that refused is left alone."""
QUOTA_SECONDS = {AccountKind.PRACTICE: 5, AccountKind.REAL: 300}
"""How old the quotas may be before they are asked for again: AWS changes them after hours or days."""
SHOWN_AFTER_SECONDS = 0.25
"""How long a screen waits for quotas before it says how far they are, and how often it says so."""

_quota_workers = ThreadPoolExecutor(4, thread_name_prefix="quotas")


@dataclass(slots=True)
class _Asking:
    """The quotas of every region, on their way or there."""

    at: float
    """By our own clock."""
    answer: "Future[dict[str, RegionQuotas]]" = field(init=False)
    read: int = 0
    """Regions that have answered."""

    def count(self, read: int, _: int) -> None:
        self.read = read


_quotas_asked: dict[tuple[str, str], _Asking] = {}
"""Account → the newest asking for its quotas."""
_quotas_known: dict[tuple[str, str], dict[str, RegionQuotas]] = {}
"""What was answered before that."""


def _place(account: Account) -> tuple[str, str]:
    return account.key, account.endpoint_url or ""


def _ask_quotas(account: Account) -> _Asking:
    """The answer that is there or on its way; one that is too old, or failed, is asked for anew behind the screens."""
    place = _place(account)
    asking = _quotas_asked.get(place)
    if asking is not None and asking.answer.done():
        failed = asking.answer.exception() is not None
        if not failed:
            _quotas_known[place] = asking.answer.result()
        if failed or time.monotonic() - asking.at > QUOTA_SECONDS[account.kind]:
            asking = None
    if asking is None:
        asking = _Asking(time.monotonic())
        asking.answer = _quota_workers.submit(quota_grids.gather_regions, account, _regions(), progress=asking.count)
        _quotas_asked[place] = asking
    return asking


def _regions() -> list[str]:
    return [region.name for region in catalogue.regions()]


def quotas() -> dict[str, RegionQuotas]:
    """The quotas of every region; what was known before while they are asked for again. Raises: DeckError."""
    account = session.account()
    asking, known = _ask_quotas(account), _quotas_known.get(_place(account))
    if known is not None and not asking.answer.done():
        return known
    _wait(asking)
    return asking.answer.result()


def _wait(asking: _Asking) -> None:
    """Until there is an answer, with how far it has come."""
    if wait((asking.answer,), SHOWN_AFTER_SECONDS).done:
        return
    regions = len(_regions())
    bar = st.progress(0.0)
    while not asking.answer.done():
        bar.progress(asking.read / regions, t("quotas.reading", read=asking.read, regions=regions))
        wait((asking.answer,), SHOWN_AFTER_SECONDS)
    bar.empty()


def rooms() -> tuple[Room, ...]:
    """What the quotas of every region leave; nothing while they are not known. Prices do not wait for a real account's:
    they may take as long as its slowest region."""
    try:
        account = session.account()
    except NotConnected:
        return ()
    asking = _ask_quotas(account)
    if account.kind is AccountKind.REAL and not asking.answer.done() and _place(account) not in _quotas_known:
        return ()
    return tuple(room for each in quotas().values() for room in each.rooms)


def search_offers(wanted: Wanted, most: int = 200) -> Found:
    """The cheapest offers for what is asked. Raises: InvalidRequest."""
    return all_offers().search(wanted, rooms(), most)


def all_offers() -> Offers:
    """Every offer: at the company's own rates where its file has them, else at the account's prices where those were
    read, else at AWS's list that ships with the deck."""
    folder = _prices_folder()
    return _layered(*_own_file(), folder, _newest(folder))


def live() -> LivePrices | None:
    """The account's own prices; None while they were not read. A real account's are read behind the screens once a day,
    the practice account's, which are the catalogue's, when somebody asks."""
    folder = _prices_folder()
    known = _live(folder, _newest(folder))
    with suppress(NotConnected):
        account = session.account()
        old = known is None or clocks.account_time(account) - known.read_at > DAY
        lately = time.monotonic() - _asked_at.get(folder, -math.inf) < RETRY_SECONDS
        if account.kind is AccountKind.REAL and old and not lately:
            _asked_at[folder] = time.monotonic()
            _behind.submit(_ask, account, folder)
    return known


def refresh_live(progress: Callable[[int, int], None]) -> LivePrices:
    """Ask AWS for the account's prices in all regions, and wait for it. Raises: DeckError."""
    return _ask(session.account(), _prices_folder(), progress)


def _ask(account: Account, folder: Path, progress: Callable[[int, int], None] = lambda *_: None) -> LivePrices:
    return live_prices.refresh(account, _regions(), folder, clocks.account_time(account), progress)


def _prices_folder() -> Path:
    return session.desk().home / "prices" / hashlib.sha256(session.account_key().encode()).hexdigest()[:16]


def _newest(folder: Path) -> int:
    """When something in the folder last changed; 0 when there is nothing."""
    return folder.stat().st_mtime_ns if folder.is_dir() else 0


@st.cache_resource(max_entries=8, show_spinner=False)
def _live(folder: Path, changed_ns: int) -> LivePrices | None:
    return price_files.load(folder) if changed_ns else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _layered(path: Path | None, path_ns: int, folder: Path, folder_ns: int) -> Offers:
    layers, own, account = [], _own(path, path_ns), _live(folder, folder_ns)
    if own is not None and not isinstance(own, InvalidRequest):
        layers.append(Layer("own", own))
    if account is not None:
        layers.append(Layer("account", account.rates))
    return Offers((*layers, Layer("catalogue", offer_rates.catalogue()))) if layers else offers.shipped()


def apply_own_rates() -> None:
    """Launches, the burn rate and the meter reckon at the company's own rates as their file has them now; at AWS's list
    while there is none or it is wrong."""
    file = _own_file()
    if _applied.get("file") != file:
        own = _own(*file)
        prices.use_own_rates(None if isinstance(own, InvalidRequest) else own)
        _applied["file"] = file


_applied: dict[str, tuple[Path | None, int]] = {}
"""Which file's rates this process reckons at, and when it was written."""


def say_own_rates() -> None:
    """What is wrong with the company's own rates, where something is: the prices shown are AWS's then."""
    own = _own(*_own_file())
    if isinstance(own, InvalidRequest):
        session.show_error(own)


@st.cache_resource(max_entries=8, show_spinner=False)
def _own(path: Path | None, written_ns: int) -> "pa.Table | InvalidRequest | None":
    """The company's own rates, or what is wrong with them; None where none are named. Read once after each change."""
    if path is None:
        return None
    try:
        return own_rates.load(path)
    except InvalidRequest as error:
        return error


def _own_file() -> tuple[Path | None, int]:
    """The file that the configuration names, and when it was written: 0 while it is not there."""
    at = session.desk()
    name = at.configuration.own_rates
    if not name:
        return None, 0
    path = configurations.path(at.home).parent / name
    return path, path.stat().st_mtime_ns if path.is_file() else 0


def forget() -> None:
    """Something was changed: the next read asks AWS."""
    _quotas_asked.clear()
    _quotas_known.clear()
