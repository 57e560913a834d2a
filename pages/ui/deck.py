"""The head of the deck: the account's mark and clock, and for a practice account what moves the clock."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import streamlit as st

from pages.ui import reads, session
from pages.ui.formats import ExchangeRate
from pages.ui.header import AccountMark, deck_header
from pages.ui.text import plain, t
from services import catalogue, clocks
from services.cloud import Account, AccountKind

WON = ExchangeRate(Decimal(1380), date(2026, 11, 1), plain("deck.won_source"))
"""Stands until a rate of the invoice is given; shown with its date wherever won are."""

JUMPS = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1), "7d": timedelta(days=7)}
SPEEDS = (1.0, 60.0, 600.0, 3600.0)


def draw_header() -> None:
    """Once per run, before the page. Raises: NotConnected."""
    account = session.account()
    clock = clocks.read_clock(account)
    practice = account.kind is AccountKind.PRACTICE
    mark = AccountMark(practice, account.account_id, account.alias, clock.now, clock.speed)
    names = [region.name for region in catalogue.regions()]
    menu = deck_header(mark, names, default_region=session.region(), rate=WON)
    if practice:
        with menu:
            _clock_controls(account, clock.speed)


def _clock_controls(account: Account, speed: float) -> None:
    st.markdown(f"**{t('deck.move_clock')}**")
    with st.container(horizontal=True):
        for name, jump in JUMPS.items():
            st.button(
                t(f"deck.jump_{name}"),
                key=f"jump_{name}",
                help=t("deck.jump_help"),
                on_click=_moved,
                args=(lambda jump=jump: clocks.advance(account, jump),),
            )
    st.segmented_control(
        t("deck.speed"),
        SPEEDS,
        default=speed if speed in SPEEDS else None,
        format_func=lambda times: f"{times:g}×",
        help=t("deck.speed_help"),
        key="clock_speed",
        on_change=_change_speed,
        args=(account,),
    )


def _change_speed(account: Account) -> None:
    chosen = st.session_state["clock_speed"]
    if chosen:
        _moved(lambda: clocks.set_speed(account, chosen))


def _moved(move: Callable[[], object]) -> None:
    with session.shown_errors(), st.spinner(t("deck.moving")):
        move()
    reads.forget()
