"""`pages.ui.formats` for whoever is looking: their language, their zone, dollars or won.

All of it is plain text; inside `t(...)` it is escaped, elsewhere in Markdown put it through `text.escape`.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui import formats
from pages.ui.formats import Amount, ExchangeRate
from pages.ui.palette import Theme
from pages.ui.text import language, plain

RATE_KEY = "exchange_rate"
CURRENCY_KEY = "currency"


def theme() -> Theme:
    """The theme the browser shows right now; light until it has said so."""
    return "dark" if st.context.theme.type == "dark" else "light"


def zone() -> tzinfo:
    """The reader's time zone, UTC where the browser did not say."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return UTC
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def won_rate() -> ExchangeRate | None:
    """The stated rate when the reader switched to won, else None."""
    rate: ExchangeRate | None = st.session_state.get(RATE_KEY)
    chosen = st.session_state.get(CURRENCY_KEY) or st.query_params.get(CURRENCY_KEY)
    return rate if chosen == "KRW" else None


def money(amount_usd: Amount) -> str:
    """An amount in the reader's currency: `$1,234.56` or `₩1,702,000`."""
    rate = won_rate()
    return formats.won(amount_usd, rate) if rate else formats.usd(amount_usd)


def rate(usd_per_hour: Amount) -> str:
    """What bills every hour, in the reader's currency: `$1.732/h`."""
    stated = won_rate()
    return formats.won_per_hour(usd_per_hour, stated) if stated else formats.usd_per_hour(usd_per_hour)


def stated(rate: ExchangeRate) -> str:
    """`₩1,380.5 to the dollar, Nov 3, 2026, <source>`: the hover of every amount in won."""
    day = formats.day(rate.as_of, language())
    return plain("common.won_rate", won=f"₩{rate.krw_per_usd:,}", day=day, source=rate.source)


def duration(length: timedelta | float) -> str:
    """`2 h 14 min`; a number is seconds."""
    return formats.duration(length, language())


def ago(when: datetime, now: datetime) -> str:
    """`4 min ago`; give `exact(when)` as its hover. `now` is the account's clock."""
    return formats.relative(when, now, language(), zone())


def exact(when: datetime) -> str:
    """`2026-11-23 14:05:33 KST` in the reader's zone."""
    return formats.exact(when, zone())


def clock(when: datetime) -> str:
    """`14:05 KST` in the reader's zone."""
    return formats.clock(when, zone())
