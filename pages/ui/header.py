"""The head of every page: whose account this is, its clock, region, currency and language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import show, urls
from pages.ui.formats import ExchangeRate, Language
from pages.ui.palette import ACCOUNT_COLOURS
from pages.ui.text import LANGUAGE_KEY, escape, explain, language, plain, t
from services.configurations import Colour

REGION_KEY = "region"
OPENS_IN_KEY = "region.opens_in"
"""Session key of the region that an account just chosen opens with."""
MARK = "account_mark"


@dataclass(frozen=True, slots=True)
class AccountMark:
    """What the head says about the account."""

    practice: bool
    account_id: str
    alias: str = ""
    now: datetime | None = None
    """The account's own clock, aware UTC."""
    speed: float = 1.0
    colour: Colour = "crimson"
    """Of a real account."""
    read_only: bool = False


def deck_header(
    mark: AccountMark,
    regions: Mapping[str, str],
    *,
    default_region: str,
    rate: ExchangeRate | None = None,
    clock: Callable[[], None] | None = None,
) -> DeltaGenerator:
    """Draw the head, once per run, in the entry point before the page.

    The region chosen is in the URL and in `st.session_state["region"]`; with a `rate` the reader may switch to won.
    `clock` draws the account's time where `mark` does not say it.
    Returns the inside of the account's menu, for what else belongs there (the clock's controls, signing out).
    """
    urls.keep(LANGUAGE_KEY, show.CURRENCY_KEY)
    say_language()
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        left = st.container(horizontal=True, vertical_alignment="center", width="content")
        with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", width="content"):
            region = region_switch(regions, default_region)
            if rate:
                currency_switch(rate)
            language_switch()
    with left:
        menu = _account(mark, region)
        if clock:
            with st.container(width="content"):
                clock()
    return menu


def region_switch(regions: Mapping[str, str], default: str) -> str:
    """The region every page reads from and launches in; `regions` are names and what the console calls them."""
    names, opens_in = list(regions), st.session_state.pop(OPENS_IN_KEY, None)
    index = names.index(default)
    if opens_in in regions:
        # Streamlit warns of a default beside a value that was set.
        index, st.session_state[REGION_KEY] = 0, opens_in
    chosen: str = st.session_state.get(REGION_KEY) or st.query_params.get(REGION_KEY) or default
    # The scripts of a drop-down would keep a first page waiting; what is in a popover comes when that is opened.
    with st.popover(chosen if chosen in regions else default, icon=":material/public:"):
        return st.radio(
            t("common.region"),
            names,
            index=index,
            captions=list(regions.values()),
            key=REGION_KEY,
            bind="query-params",
            help=explain("region"),
        )


def language_switch() -> None:
    """A button that offers the other language; the choice is in the URL and holds for the rest of the session."""
    other: Language = "en" if language() == "ko" else "ko"
    st.button(
        plain("common.this_language", spoken=other),
        key="language_switch",
        on_click=_speak,
        args=(other,),
        icon=":material/translate:",
        type="tertiary",
        help=t("common.language_help", spoken=other),
    )


def _speak(chosen: Language) -> None:
    st.session_state[LANGUAGE_KEY] = chosen
    st.query_params[LANGUAGE_KEY] = chosen


def currency_switch(rate: ExchangeRate) -> None:
    """A button that offers the other currency, won at the stated rate."""
    st.session_state[show.RATE_KEY] = rate
    other = "USD" if show.won_rate() else "KRW"
    st.button(
        t(f"common.show_{other.lower()}"),
        key="currency_switch",
        on_click=_count_in,
        args=(other,),
        icon=":material/currency_exchange:",
        type="tertiary",
        help=escape(show.stated(rate)),
    )


def _count_in(chosen: str) -> None:
    st.session_state[show.CURRENCY_KEY] = chosen
    st.query_params[show.CURRENCY_KEY] = chosen


def _account(mark: AccountMark, region: str) -> DeltaGenerator:
    if mark.practice:
        menu = st.popover(t("common.practice_account"), icon=":material/school:", type="tertiary")
        with menu:
            st.markdown(t("common.practice_help"))
    else:
        alias = mark.alias or mark.account_id
        label = t("common.real_account", alias=alias, account=mark.account_id, region=region)
        _paint(ACCOUNT_COLOURS[mark.colour])
        with st.container(key=MARK, width="content"):
            menu = st.popover(label, icon=":material/payments:", type="primary")
        with menu:
            st.markdown(t("common.read_only_help" if mark.read_only else "common.real_help"))
        if mark.read_only:
            st.badge(t("common.read_only"), icon=":material/lock:", color="gray", width="content")
    if mark.now:
        draw_clock(mark, mark.now)
    return menu


def _paint(colour: str) -> None:
    """A key is a class of the page: Streamlit's own way to a colour that no theme has."""
    button = f".st-key-{MARK} button"
    look = f"background: {colour}; border-color: {colour}; color: #FFFFFF;"
    st.html(f"<style>{button}, {button}:hover, {button}:focus {{ {look} }}</style>")


def draw_clock(mark: AccountMark, now: datetime) -> None:
    """The account's time; that of a practice account may run faster than the wall's."""
    time = show.clock(now)
    fast = mark.practice and mark.speed != 1
    text = t("common.clock_fast", time=time, speed=f"{mark.speed:g}") if fast else t("common.clock", time=time)
    explained = t("common.clock_help", exact=show.exact(now)) if mark.practice else show.exact(now)
    st.caption(text, help=explained, width="content")


def say_language() -> None:
    """Of the whole page, in its root element."""
    # Streamlit fixes <html lang> to English, and a screen reader would read Korean with an English voice.
    st.html(f"<script>document.documentElement.lang = '{language()}'</script>", unsafe_allow_javascript=True)
