"""Everything the screens read, cached per account and region: what is known is drawn at once and refreshed behind.

Keys are the account's key and the region; what a user may not see is never read under another user's key.
"""

import math
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import streamlit as st

from pages.ui import market_reads, session
from pages.ui.session import desk
from services import clocks, inventory, logs, meter, metrics, quotas
from services import launch_facts as launch_facts_of
from services.clocks import Clock
from services.cloud import Account, AccountKind, Cloud
from services.errors import DeckError, NotConnected, Unavailable
from services.history import History, Interval
from services.inventory import StopAhead
from services.known import FIELDS, Inventory, Known
from services.logs import Line
from services.meter import ResourceCost
from services.metrics import Metric
from services.overviews import IdleSince, Running
from services.plans import OWNER_TAG, Check
from services.profiles import LaunchProfile
from services.quotas import Applied

FRESH_SECONDS = {AccountKind.PRACTICE: 2, AccountKind.REAL: 30}
"""How old an answer may be before it is asked for again: practice costs nothing to ask."""


HOUR, DAY = timedelta(hours=1), timedelta(days=1)

PATIENCE_SECONDS = 1.0
"""How long a page that knows something from before waits for AWS."""

_asking: dict[tuple[History, str, str], "Future[Inventory]"] = {}
_latest: dict[tuple[History, str, str], tuple[float, Inventory]] = {}
"""What AWS said last, and when by our own clock."""
_CHANGED: "Future[Inventory]" = Future()
_CHANGED.cancel()
_workers = ThreadPoolExecutor(8, thread_name_prefix="reads")


def _take(key: str, region: str, _cloud: Cloud) -> Inventory:
    """What AWS says. What was last known, when it takes long to say it: it goes on being asked behind.

    After a change of ours AWS is waited for."""
    history = desk().history
    desk().historian.want(_cloud)
    last, place = history.last(key, region), (history, key, region)
    asking = _asking.get(place)
    changed = asking is _CHANGED
    if asking is None or asking.done():
        asking = _asking[place] = _workers.submit(_ask, desk(), key, _cloud, last)
    if last is None or changed:
        return asking.result()
    try:
        return asking.result(PATIENCE_SECONDS)
    except TimeoutError:
        return _remembered(last, Unavailable("", resource=region))


@st.cache_resource(ttl=1, max_entries=64, show_spinner=False)
def _clock(key: str, region: str, _account: Account) -> Clock:
    return clocks.read_clock(_account)


def clock() -> Clock:
    """The time of the session's account, a second old at most. Raises: NotConnected."""
    return _clock(session.account_key(), session.region(), session.account())


def _ask(at: session.Desk, key: str, cloud: Cloud, last: Known | None) -> Inventory:
    creators = at.history.deeds.creators(key, cloud.region)
    launch = cloud.account.launch
    owner_tag = (launch.owner_tag if launch else "") or OWNER_TAG
    taken = inventory.take(cloud, last, creators=creators, owner_tag=owner_tag)
    at.history.observe(key, taken, at.ledger.actions(key))
    # Before anybody waits for it.
    _reckoned(key, cloud.region, taken.at, at.history, taken)
    _latest[at.history, key, cloud.region] = time.monotonic(), taken
    return taken


def _remembered(last: Known, why: DeckError) -> Inventory:
    return Inventory(**{name: getattr(last, name) for name in FIELDS}, failures={"account": why})


# Frozen, and so handed out as they are: a copy of 300 resources takes as long as a page.
_inventories = {
    kind: st.cache_resource(ttl=seconds, max_entries=64, show_spinner=False, refresh_mode="background")(_take)
    for kind, seconds in FRESH_SECONDS.items()
}


def current(cloud: Cloud) -> Inventory:
    """What the region holds; a moment old at most, refreshed behind."""
    return _inventories[cloud.account.kind](cloud.account.key, cloud.region, cloud)


def fresh(cloud: Cloud) -> Inventory:
    """What the region holds at this moment; waits for AWS."""
    _expect_change()
    _inventories[cloud.account.kind].clear(cloud.account.key, cloud.region, cloud)
    return current(cloud)


def here() -> Inventory:
    """What the session's region holds; while its account cannot be reached, what was last known of it, with the reason
    among its failures as `account`. Raises: NotConnected when nothing is known."""
    try:
        return current(session.cloud())
    except NotConnected as error:
        last = desk().history.last(session.account_key(), session.region())
        if last is None:
            raise
        return _remembered(last, error)


def known_here() -> Inventory:
    """As `here`, but without asking AWS where what it said last is drawn at once anyway: a first look's browser has the
    machine to itself."""
    with suppress(NotConnected):
        cloud = session.cloud()
        read, known = _latest.get((desk().history, cloud.account.key, cloud.region), (-math.inf, None))
        # As long as Streamlit itself goes on giving an answer that it is renewing.
        times: float = st.get_option("runner.cacheBackgroundRefreshTTLMultiplier")
        if known is not None and time.monotonic() - read < times * FRESH_SECONDS[cloud.account.kind]:
            return known
    return here()


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What Overview says of an inventory."""

    ahead: tuple[StopAhead, ...]
    runs: tuple[Running, ...]
    idle: IdleSince | None
    usd_per_hour: Decimal
    today: tuple[ResourceCost, ...]
    month: tuple[ResourceCost, ...]
    last_day: tuple[Interval, ...]
    """The states of the 24 hours before."""
    quotas: tuple[Applied, ...]
    """Those in use, the fullest first."""


def reckoned(known: Inventory) -> Reckoned:
    """As of the inventory; reckoned once for each, since for a page it would take as long as all the rest."""
    return _reckoned(session.account_key(), known.region, known.at, desk().history, known)


@st.cache_resource(max_entries=64, show_spinner=False)
def _reckoned(key: str, region: str, at: datetime, _history: History, _known: Inventory) -> Reckoned:
    used = inventory.in_use(_known)
    return Reckoned(
        ahead=inventory.stops_ahead(_known),
        runs=inventory.running(_known),
        idle=inventory.idle_since(_known),
        usd_per_hour=inventory.burn(_known),
        today=meter.today(_history, key, at, region=region),
        month=meter.this_month(_history, key, at, region=region),
        last_day=_history.intervals(key, at - DAY, at, region=region),
        quotas=tuple(row for row in quotas.list_applied(_known.limits, used) if row.used),
    )


@st.cache_data(ttl=30, max_entries=64, show_spinner=False)
def _burn_before(key: str, region: str, until: datetime) -> Decimal:
    (rate,) = meter.course(desk().history, key, until - HOUR, until, stretches=1, region=region)
    return rate


def burn_a_day_ago(known: Inventory) -> Decimal:
    """US dollars per hour of the region in the hour that ended, by the full hour, 24 hours before the inventory."""
    until = known.at.replace(minute=0, second=0, microsecond=0) - DAY
    return _burn_before(session.account_key(), known.region, until)


def forget() -> None:
    """Something was changed: the next read asks AWS and waits for the answer."""
    _expect_change()
    for cached in _inventories.values():
        cached.clear()
    _reckoned.clear()
    market_reads.forget()
    _clock.clear()
    _launch_facts.clear()


def _expect_change() -> None:
    """What is being asked now was asked before the change."""
    for place in _asking:
        _asking[place] = _CHANGED


METRICS_SECONDS = {AccountKind.PRACTICE: 5, AccountKind.REAL: 60}
"""The same of metrics: on AWS each one that is asked for costs money, and SageMaker reports once a minute."""


def _metrics(key: str, region: str, kind: str, name: str, _cloud: Cloud) -> tuple[Metric, ...]:
    return metrics.READS[kind](_cloud, name)


_metric_reads = {
    kind: st.cache_data(ttl=seconds, max_entries=256, show_spinner=False, refresh_mode="background")(_metrics)
    for kind, seconds in METRICS_SECONDS.items()
}


def metric_series(cloud: Cloud, kind: str, name: str) -> tuple[Metric, ...]:
    """The CloudWatch metrics of a training job or an endpoint. Raises: DeckError."""
    return _metric_reads[cloud.account.kind](cloud.account.key, cloud.region, kind, name, cloud)


@st.cache_data(ttl=2, max_entries=256, show_spinner=False, refresh_mode="background")
def _streams(key: str, region: str, kind: str, name: str, _cloud: Cloud) -> tuple[str, tuple[str, ...]]:
    group, prefix = logs.place(kind, name)
    return group, logs.streams(_cloud, group, prefix)


def log_streams(cloud: Cloud, kind: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The log group of a resource and its streams in it. Raises: DeckError."""
    return _streams(cloud.account.key, cloud.region, kind, name, cloud)


@st.cache_data(ttl=2, max_entries=256, show_spinner=False, refresh_mode="background")
def _tail(key: str, region: str, group: str, stream: str, _cloud: Cloud) -> tuple[Line, ...]:
    return logs.tail(_cloud, group, stream)


def log_tail(cloud: Cloud, group: str, stream: str) -> tuple[Line, ...]:
    """The last lines of a log stream. Raises: DeckError."""
    return _tail(cloud.account.key, cloud.region, group, stream, cloud)


@st.cache_data(ttl=60, max_entries=64, show_spinner=False, refresh_mode="background")
def _launch_facts(key: str, region: str, profile: LaunchProfile, _cloud: Cloud) -> tuple[Check, ...]:
    return launch_facts_of.gather(_cloud, profile)


def launch_facts(cloud: Cloud) -> tuple[Check, ...]:
    """What speaks against launching with the account's profile in this region; a minute old at most. A practice account
    takes anything."""
    account = cloud.account
    if account.launch is None or account.kind is AccountKind.PRACTICE:
        return ()
    return _launch_facts(account.key, cloud.region, account.launch, cloud)
