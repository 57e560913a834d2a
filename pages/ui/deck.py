"""The head of the deck: the account's mark and menu, and for a practice account its clock and what moves it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui import accounts, actions, dialogs, market_reads, reads, session, show, sign_in
from pages.ui.formats import ExchangeRate
from pages.ui.header import AccountMark, deck_header, draw_clock
from pages.ui.layout import LOOKED
from pages.ui.text import language, plain, t
from services import catalogue, clocks
from services.access import Actor
from services.clocks import Clock
from services.cloud import PRACTICE_ACCOUNT_ID, Account
from services.errors import NotConnected
from services.plans import Act

WON = ExchangeRate(Decimal(1380), date(2026, 11, 1), plain("deck.won_source"))
"""Stands until a rate of the invoice is given; shown with its date wherever won are."""

JUMPS = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1), "7d": timedelta(days=7)}
PULSE = "3s"
COUNTDOWN = "15s"
SOON_SECONDS = 15 * 60
_REACHED = "deck.reached"
SPEEDS = (1.0, 60.0, 600.0, 3600.0)


def draw(page: StreamlitPage) -> None:
    """All of a run: the head, the page, the dialog that is open, and what was done before."""
    draw_header()
    accounts.run(page.run)
    dialogs.draw_open()
    actions.say_what_was_done()
    st.session_state[LOOKED] = True


def draw_header() -> None:
    """Once per run, before the page; whole also while the account cannot be reached."""
    session.note_link()
    market_reads.apply_own_rates()
    korean = language() == "ko"
    regions = {region.name: region.name_ko if korean else region.name_en for region in catalogue.regions()}
    real = session.chosen()
    if real is not None:
        _draw_real(real, regions)
        return
    clock = _read_clock()
    st.session_state[_REACHED] = clock is not None
    mark = AccountMark(practice=True, account_id=PRACTICE_ACCOUNT_ID)
    menu = deck_header(mark, regions, default_region=session.region(), rate=WON, clock=_draw_pulse)
    with menu:
        if clock is not None and session.may(Act.MOVE_CLOCK):
            _clock_controls(session.account(), clock.speed)
        _choose_another()
        sign_in.draw_menu()


def _draw_real(real: Account, regions: dict[str, str]) -> None:
    mark = AccountMark(
        practice=False,
        account_id=real.account_id,
        alias=real.alias,
        colour=accounts.colour_of(real.name),
        read_only=real.read_only,
    )
    with deck_header(mark, regions, default_region=session.region(), rate=WON):
        st.markdown(t("deck.caller", arn=real.arn))
        if real.expires_at is not None:
            _draw_expiry(real.expires_at)
        if st.button(t("accounts.sign_in_again"), key="menu_sign_in", icon=":material/login:"):
            st.session_state[session.SIGN_IN_KEY] = True
        if st.button(t("deck.leave"), key="menu_leave", icon=":material/logout:"):
            session.use(None)
            st.rerun()
        _choose_another()
        sign_in.draw_menu()


@st.fragment(run_every=COUNTDOWN)
def _draw_expiry(at: datetime) -> None:
    left = (at - datetime.now(UTC)).total_seconds()
    words = t("deck.expires", left=show.duration(left)) if left > 0 else t("deck.expired")
    st.markdown(f":{'orange' if left < SOON_SECONDS else 'gray'}[:material/timer: {words}]", help=show.exact(at))


def _choose_another() -> None:
    st.page_link("pages/accounts.py", label=t("deck.accounts"), icon=":material/switch_account:")


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
        return reads.clock()
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


def _moved(move: Callable[[Actor], object]) -> None:
    with session.shown_errors(), st.spinner(t("deck.moving")):
        move(session.actor())
    reads.forget()
