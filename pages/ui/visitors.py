"""Who signed in to the deck. What Streamlit's cookie says is taken for what it is: a claim with an end.

Without `[auth]` in Streamlit's secrets nobody signs in, and the server answers this machine alone (`pages/ui/server`).
"""

import getpass
import os
from functools import cache

import streamlit as st

from services.access import SIGN_IN_ENDED, Actor, Role
from services.configurations import RoleLists
from services.errors import NotConnected
from services.users import Claims, identify, token_key

MEMBERS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
"""What Streamlit needs under `[auth]`."""
SHORTEST_SECRET = 32
"""Characters of the secret that signs cookies."""
KEPT_ENDS = 10_000

_ended: dict[tuple[str, ...], None] = {}


@cache
def configured() -> bool:
    """Whether one has to sign in. Looked at once: a secrets file that goes away does not open the deck."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def missing() -> list[str]:
    """Members of `[auth]` that are missing, or too short to keep anybody out."""
    said = st.secrets["auth"]
    absent = [name for name in MEMBERS if not said.get(name)]
    short = 0 < len(said.get("cookie_secret", "")) < SHORTEST_SECRET
    return [*absent, *(["cookie_secret"] if short else [])]


def claims() -> Claims:
    """What the provider said of the person of this session; empty for nobody."""
    return st.user.to_dict()


@cache
def _this_user() -> str:
    """The operating system reads a file to tell."""
    return getpass.getuser()


def actor(lists: RoleLists) -> Actor:
    """Who acts in this session. Raises: NotConnected when they have to sign in, AccessDenied when no list lets them in.

    Without a sign-in the deck serves this machine alone, and whoever sits there may do anything.
    """
    if not configured():
        return Actor(os.environ.get("FLIGHTDECK_USER") or _this_user(), Role.ADMIN)
    said = claims()
    if token_key(said) in _ended:
        raise NotConnected("this sign-in was ended", code=SIGN_IN_ENDED)
    return identify(said, lists)


def end() -> None:
    """This sign-in is over in every tab, and on no browser that kept its cookie does it open anything again."""
    _ended[token_key(claims())] = None
    while len(_ended) > KEPT_ENDS:
        _ended.pop(next(iter(_ended)))
