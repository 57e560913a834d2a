"""The door of the deck: who is not signed in sees one sentence and one button, whatever address they opened."""

import streamlit as st

from pages.ui import drafts, guard, session, show, urls, visitors
from pages.ui.header import language_switch, say_language
from pages.ui.text import LANGUAGE_KEY, plain, t
from services.errors import AccessDenied, NotConnected
from services.users import person_key

CHECKS_SECONDS = 15
"""How soon an open page closes when its person has signed out in another tab, or their sign-in has ended."""


def settled() -> bool:
    """Whether pages may be drawn; else what there is to do is drawn in their place.

    Called once a run, by the entry point. That run must then go to its end: a run that is stopped leaves the parts that
    refresh by themselves alive.
    """
    try:
        session.actor()
    except NotConnected:
        _close()
        _draw_door()
        return False
    except AccessDenied as error:
        guard.leave()
        _draw_refusal(error)
        return False
    guard.enter()
    if visitors.configured():
        drafts.restore(person_key(visitors.claims()))
        _watch()
    return True


def _close() -> None:
    guard.leave()
    if visitors.claims().get("is_logged_in"):
        drafts.keep(person_key(visitors.claims()))
        _let_go()


def _let_go() -> None:
    """What this person opened in AWS is theirs; the address goes on naming it, to be asked about."""
    real = session.chosen()
    session.use(None)
    if real is not None:
        st.query_params[session.ACCOUNT_KEY] = real.name


def _draw_door() -> None:
    missing = visitors.missing()
    with _card():
        st.markdown(t("sign_in.again" if visitors.claims().get("is_logged_in") else "sign_in.sentence"))
        if missing:
            st.error(t("sign_in.incomplete", members=", ".join(missing)), icon=":material/error:")
        elif st.button(t("sign_in.button"), key="sign_in", type="primary", icon=":material/login:", width="stretch"):
            st.login()


def _draw_refusal(error: AccessDenied) -> None:
    trouble = session.desk().trouble
    with _card():
        st.markdown(t("sign_in.refused", name=error.resource) if trouble is None else t("sign_in.trouble"))
        if st.button(t("sign_in.other"), key="sign_in_other", icon=":material/logout:", width="stretch"):
            sign_out()


def _card() -> st.delta_generator.DeltaGenerator:
    urls.keep(LANGUAGE_KEY)
    say_language()
    _, middle, _ = st.columns([1, 2, 1])
    card = middle.container(border=True)
    with card, st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(plain("sign_in.title"), anchor=False, width="content")
        language_switch()
    return card


@st.fragment(run_every=CHECKS_SECONDS)
def _watch() -> None:
    try:
        session.actor()
    except (NotConnected, AccessDenied):
        st.rerun(scope="app")


def draw_menu() -> None:
    """Inside the account's menu: who is here, as what, until when, and the way out."""
    actor = session.actor()
    st.markdown(t("sign_in.who", name=actor.name, role=t(f"sign_in.role_{actor.role}")), help=t("sign_in.who_help"))
    if actor.expires is None:
        st.caption(t("sign_in.local"))
        return
    st.caption(t("sign_in.until", when=show.exact(actor.expires)))
    if st.button(t("sign_in.sign_out"), key="sign_out", icon=":material/logout:"):
        sign_out()


def sign_out() -> None:
    """Of every tab, and of what the person opened in AWS."""
    guard.leave()
    session.use(None)
    visitors.end()
    st.logout()
    st.stop()
