"""The head of the deck: the account's mark and clock, and for a practice account what moves the clock."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import streamlit as st

from pages.ui import reads, session
from pages.ui.formats import ExchangeRate
from pages.ui.header import AccountMark, deck_header, draw_clock
from pages.ui.text import plain, t
from services import catalogue, clocks
from services.clocks import Clock
from services.cloud import PRACTICE_ACCOUNT_ID, Account
from services.errors import NotConnected

WON = ExchangeRate(Decimal(1380), date(2026, 11, 1), plain("deck.won_source"))
"""Stands until a rate of the invoice is given; shown with its date wherever won are."""

JUMPS = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1), "7d": timedelta(days=7)}
PULSE = "3s"
_REACHED = "deck.reached"
SPEEDS = (1.0, 60.0, 600.0, 3600.0)


def draw_header() -> None:
    """Once per run, before the page; whole also while the account cannot be reached."""
    clock = _read_clock()
    st.session_state[_REACHED] = clock is not None
    names = [region.name for region in catalogue.regions()]
    mark = AccountMark(practice=True, account_id=PRACTICE_ACCOUNT_ID)
    menu = deck_header(mark, names, default_region=session.region(), rate=WON, clock=_draw_pulse)
    if clock is not None:
        with menu:
            _clock_controls(session.account(), clock.speed)


@st.fragment(run_every=PULSE)
def _draw_pulse() -> None:
    """The account's time, or that there is none; when that changes, the whole page is drawn anew."""
    clock = _read_clock()
    if clock is None:
        st.markdown(f":red[:material/cloud_off: {t('errors.NotConnected')}]", width="content")
    else:
        draw_clock(AccountMark(practice=True, account_id=PRACTICE_ACCOUNT_ID, speed=clock.speed), clock.now)
    if st.session_state.get(_REACHED) != (clock is not None):
        st.rerun(scope="app")


def _read_clock() -> Clock | None:
    try:
        return clocks.read_clock(session.account())
    except NotConnected:
        return None


def _clock_controls(account: Account, speed: float) -> None:
    st.markdown(f"**{t('deck.move_clock')}**", help=t("deck.jump_help"))
    with st.container(horizontal=True):
        for name, jump in JUMPS.items():
            st.button(
                t(f"deck.jump_{name}"),
                key=f"jump_{name}",
                on_click=_moved,
                args=(partial(clocks.advance, account, jump),),
            )
    st.markdown(f"**{t('deck.speed')}**", help=t("deck.speed_help"))
    with st.container(horizontal=True):
        for times in SPEEDS:
            st.button(
                f"{times:,g}×",
                key=f"speed_{times:g}",
                type="primary" if times == speed else "secondary",
                on_click=_moved,
                args=(partial(clocks.set_speed, account, times),),
            )


def _moved(move: Callable[[], object]) -> None:
    with session.shown_errors(), st.spinner(t("deck.moving")):
        move()
    reads.forget()
