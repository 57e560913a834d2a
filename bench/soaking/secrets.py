"""Secrets: planted in an account, looked for wherever the deck writes or draws, on every error path."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import streamlit as st

from bench.harness import Figure
from bench.soaking.screens import Stage, stage
from services.errors import DeckError
from services.launches import carry_out
from services.notebooks import open_url
from tests.support import faults
from tests.support.deck_wishes import KIM, notebook_plan
from tests.support.fault_proxy import cloud_through
from tests.support.faults import Fault
from tests.support.screens import opened

KINDS = tuple(kind for kind in faults.KINDS if kind != "hang")
PLACES: tuple[tuple[str, dict[str, str]], ...] = (
    ("overview", {}),
    ("notebooks", {"name": "lab"}),
    ("launch", {"kind": "notebook"}),
    ("activity", {}),
)


class _Heard(logging.Handler):
    """All that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def figures(rounds: int) -> Iterator[Figure]:
    """`rounds` is how many kinds of faults are met; two pages, a launch and an open notebook meet each."""
    with stage() as at:
        yield sought(at, KINDS[-rounds:])


def sought(at: Stage, kinds: tuple[str, ...]) -> Figure:
    """How often a secret is found where the deck writes or draws."""
    with _listening() as heard:
        planted = _planted(at)
        drawn = list(_drawn(at, kinds))
    places = {"logs": "\n".join(heard.lines), "pages and URLs": "\n".join(drawn), **_files(at.desk.home)}
    found = _found(planted, places)
    for each in found:
        print("        ", each)
    name = f"{len(planted)} secrets in {len(places)} places after {len(kinds)} kinds of faults: found"
    return Figure(name, len(found), "times", at_most=0)


@contextmanager
def _listening() -> Iterator[_Heard]:
    heard, root = _Heard(), logging.getLogger()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.INFO)
    try:
        yield heard
    finally:
        root.removeHandler(heard)
        root.setLevel(before)


def _planted(at: Stage) -> dict[str, str]:
    """What must be nowhere but in the account's own file, and on the link that the user asked for."""
    url = open_url(cloud_through(at.proxy, at.account), "lab", KIM)
    token = url.rpartition("=")[2]
    return {
        "access key": at.account.access_key,
        "secret key": at.account.secret_key,
        "session token": faults.SESSION_TOKEN,
        "presigned URL": url,
        "notebook's ticket": token,
    }


def _drawn(at: Stage, kinds: tuple[str, ...]) -> Iterator[str]:
    """All that pages draw while every call meets a fault of one kind, and then another."""
    places = cycle(PLACES)
    for number, kind in enumerate(kinds):
        at.proxy.faults = [Fault(kind)]
        yield _said(at, number)
        for _ in range(2):
            place, query = next(places)
            st.cache_data.clear()
            screen = opened(place, **query)
            yield f"{screen.query_params} {[element.proto for element in screen.main]}"
    at.proxy.faults = ()
    screen = opened("activity")
    yield f"{[each.value for each in screen.dataframe]}"


def _said(at: Stage, number: int) -> str:
    """What services say of a launch and of a read that fail."""
    cloud = cloud_through(at.proxy, at.account)
    action = carry_out(cloud, at.desk.ledger, notebook_plan(cloud, f"never-{number}"), KIM)
    try:
        open_url(cloud, "lab", KIM)
    except DeckError as error:
        return f"{action!r} {error!r} {error.message} {cloud!r}"
    return repr(action)


def _files(home: Path) -> dict[str, str]:
    kept = [*home.glob("*.sqlite3*"), *home.glob("practice/*.log")]
    return {path.name: path.read_bytes().decode(errors="replace") for path in kept}


def _found(planted: Mapping[str, str], places: Mapping[str, str]) -> list[str]:
    return [
        f"{what} in {where}" for what, secret in planted.items() for where, text in places.items() if secret in text
    ]
