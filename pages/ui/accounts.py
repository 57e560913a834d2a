"""Choosing the account a session works in, and signing in to it. Nobody is connected without having said so."""

from collections.abc import Callable

import streamlit as st

from pages.ui import dialogs, reads, session, show
from pages.ui.palette import account_colour
from pages.ui.text import escape, explain, plain, t
from services import connections, sign_ins
from services.cloud import Account
from services.configurations import Colour
from services.connections import Connection
from services.errors import DeckError, NotFound
from services.sign_ins import RoleChoice, SignIn

PULSE = "1s"
ICON = ":material/login:"


def run(page: Callable[[], None]) -> None:
    """Draw the page, but an address that names another account than the session's is asked about first: a link must not
    connect anybody to a real account by itself. Called once a run, by the entry point."""
    here, asked = session.chosen(), st.query_params.get(session.ACCOUNT_KEY)
    if st.session_state.pop(session.SIGN_IN_KEY, False) and here is not None:
        with session.shown_errors():
            open_dialog(connections.find(session.desk().configuration, here.name))
    if here is not None and asked in (None, here.name):
        # Going to another page empties the address.
        st.query_params[session.ACCOUNT_KEY] = here.name
        page()
    elif asked:
        _ask_about(asked, here)
    else:
        page()


def _ask_about(asked: str, here: Account | None) -> None:
    now = here.alias if here else plain("accounts.practice")
    with st.container(border=True):
        try:
            connection = connections.find(session.desk().configuration, asked)
        except DeckError as error:
            session.show_error(error)
        else:
            st.markdown(t("accounts.link", alias=connection.alias, now=now))
            connect_button(connection, "accounts.open")
        if st.button(t("accounts.stay", now=now), key="account_stay"):
            session.use(here)
            st.rerun()


def connect_button(connection: Connection, words: str = "accounts.connect") -> None:
    """By profile or role at once, else through the sign-in."""
    kind = "accounts.sign_in" if connection.needs_sign_in else words
    if st.button(t(kind), key=f"connect_{connection.key}", icon=ICON, type="primary"):
        if connection.needs_sign_in:
            open_dialog(connection)
        elif _connected(connection, lambda: connections.connect(connection, session.actor())):
            st.rerun()


def open_dialog(connection: Connection) -> None:
    """Sign in, or connect anew, without leaving the page and what is typed there."""
    draw = _draw_sign_in if connection.needs_sign_in else _draw_again
    dialogs.show(plain("accounts.sign_in_to", alias=connection.alias), draw, connection)


def _connected(connection: Connection, connect: Callable[[], Account]) -> bool:
    try:
        with st.spinner(t("accounts.connecting", alias=connection.alias)):
            real = connect()
    except DeckError as error:
        session.show_error(error, in_full=True)
        return False
    session.use(real, connection.region)
    reads.forget()
    return True


def _draw_again(connection: Connection) -> None:
    """A profile's or a role's credentials lie outside the deck: they are looked for anew."""
    st.markdown(t("accounts.again_help", profile=connection.profile))
    if st.button(t("accounts.connect_again"), key="connect_again", icon=ICON, type="primary") and _connected(
        connection, lambda: connections.connect(connection, session.actor())
    ):
        dialogs.close()


def _draw_sign_in(connection: Connection) -> None:
    sign_in = dialogs.once(lambda: sign_ins.start(connection, session.actor()))
    if sign_in.token.done():
        sign_in.token.result()
        _draw_roles(connection, sign_in)
    else:
        _draw_code(sign_in)


@st.fragment(run_every=PULSE)
def _draw_code(sign_in: SignIn) -> None:
    """The code, until it was confirmed."""
    if sign_in.token.done():
        st.rerun(scope="app")
    st.markdown(t("accounts.code_help"))
    st.code(sign_in.user_code, language=None)
    st.link_button(t("accounts.confirm"), sign_in.url, icon=":material/open_in_new:", type="primary")
    st.caption(t("accounts.code_until", when=show.exact(sign_in.expires_at)))


def _draw_roles(connection: Connection, sign_in: SignIn) -> None:
    roles = dialogs.remembered("roles", lambda: sign_ins.list_roles(sign_in))
    if not roles:
        raise NotFound(plain("accounts.no_roles"), resource=connection.alias)
    choice: RoleChoice = roles[0]
    if len(roles) > 1:
        choice = st.selectbox(
            t("accounts.role"), roles, format_func=_role_words, key="account_role", help=explain("sign_in_role")
        )
    else:
        st.markdown(escape(_role_words(choice)))
    if st.button(t("accounts.connect"), key="account_role_connect", icon=ICON, type="primary") and _connected(
        connection, lambda: sign_ins.connect(sign_in, choice, session.actor())
    ):
        dialogs.close()


def _role_words(choice: RoleChoice) -> str:
    return " · ".join(filter(None, (choice.account_name, choice.account_id, choice.role)))


def colour_of(key: str) -> Colour:
    """The configured one, else one of its own by its name."""
    try:
        settings = connections.find(session.desk().configuration, key).settings
    except DeckError:
        return account_colour(key, None)
    return account_colour(key, settings.colour)
