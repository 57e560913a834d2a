"""Everything the screens read, cached per account and region: what is known is drawn at once and refreshed behind.

Keys are the account's key and the region; what a user may not see is never read under another user's key.
"""

from typing import Any

import streamlit as st
from services.inventory import Inventory
from services.metrics import Metric

from pages.ui.session import desk
from services import inventory, logs, metrics
from services.cloud import AccountKind, Cloud

FRESH_SECONDS = {AccountKind.PRACTICE: 2, AccountKind.REAL: 30}
"""How old an answer may be before it is asked for again: practice costs nothing to ask."""


def _take(key: str, region: str, _cloud: Cloud) -> Inventory:
    taken = inventory.take(_cloud)
    desk().history.observe(_cloud.account.key, taken)
    return taken


_inventories = {
    kind: st.cache_data(ttl=seconds, max_entries=64, show_spinner=False, refresh_mode="background")(_take)
    for kind, seconds in FRESH_SECONDS.items()
}


def current(cloud: Cloud) -> Inventory:
    """What the region holds; a moment old at most, refreshed behind."""
    return _inventories[cloud.account.kind](cloud.account.key, cloud.region, cloud)


def forget() -> None:
    """Something was changed: the next read asks AWS and waits for the answer."""
    for read in (*_inventories.values(), _metrics, _log):
        read.clear()


@st.cache_data(ttl=5, max_entries=256, show_spinner=False, refresh_mode="background")
def _metrics(key: str, region: str, kind: str, name: str, _cloud: Cloud) -> tuple[Metric, ...]:
    return metrics.READS[kind](_cloud, name)


def metric_series(cloud: Cloud, kind: str, name: str) -> tuple[Metric, ...]:
    """The CloudWatch metrics of a training job or an endpoint. Raises: DeckError."""
    return _metrics(cloud.account.key, cloud.region, kind, name, cloud)


@st.cache_data(ttl=2, max_entries=256, show_spinner=False, refresh_mode="background")
def _log(key: str, region: str, group: str, stream: str, _cloud: Cloud) -> Any:
    return logs.tail(_cloud, group, stream)


def log_tail(cloud: Cloud, group: str, stream: str) -> Any:
    """The last lines of a log stream. Raises: DeckError."""
    return _log(cloud.account.key, cloud.region, group, stream, cloud)
