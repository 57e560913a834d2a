"""Accounts: in which one this session works, and which others may be chosen."""

import streamlit as st

from pages.ui import accounts, guard, session
from pages.ui.layout import page_header
from pages.ui.text import escape, plain, t
from services import connections
from services.connections import Connection
from services.plans import Act

guard.require_entry()


def _sentence() -> str:
    here = session.chosen()
    if here is None:
        return t("accounts.in_practice")
    return t("accounts.in_read_only" if here.read_only else "accounts.in_real", alias=here.alias)


def _draw_practice() -> None:
    with _row():
        st.markdown(f":material/school: **{t('accounts.practice')}**  \n{t('accounts.practice_help')}", width="content")
        if session.chosen() is None:
            _mark_used()
        elif st.button(t("accounts.use_practice"), key="use_practice"):
            session.use(None)
            st.rerun()


def _draw(connection: Connection) -> None:
    here = session.chosen()
    with _row():
        may = t("accounts.changes" if connection.settings.changes else "accounts.read_only")
        how = f"{_how(connection)} · {may}"
        st.markdown(f":material/payments: **{escape(connection.alias)}**  \n{how}", width="content")
        if here is not None and here.name == connection.key:
            _mark_used()
        else:
            accounts.connect_button(connection)


def _how(connection: Connection) -> str:
    settings = connection.settings
    if settings.sso is not None:
        return t("accounts.by_sso", url=settings.sso.start_url)
    if settings.role is not None:
        return t("accounts.by_role", arn=settings.role.arn)
    return t("accounts.by_profile", profile=settings.profile)


def _draw_profiles(profiles: list[Connection]) -> None:
    st.header(t("accounts.profiles"), anchor=False, help=t("accounts.profiles_help"))
    by_key = {each.key: each for each in profiles}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            t("accounts.profile"), list(by_key), format_func=lambda key: by_key[key].alias, key="account_profile"
        )
        accounts.connect_button(by_key[chosen])


def _mark_used() -> None:
    st.markdown(f":green[:material/check_circle: {t('accounts.used')}]", width="content")


def _row() -> st.delta_generator.DeltaGenerator:
    return st.container(
        border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", width="stretch"
    )


page_header(t("accounts.title"), _sentence())
trouble = session.desk().trouble
if trouble is not None:
    session.show_error(trouble)
_draw_practice()
with session.shown_errors():
    found = connections.list_connections(session.desk().configuration)
    for each in found:
        if each.configured:
            _draw(each)
    others = [each for each in found if not each.configured]
    if others and session.may(Act.CONNECT_PROFILE):
        _draw_profiles(others)
    if not found:
        st.caption(plain("accounts.none"))
