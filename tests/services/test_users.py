"""Whom the claims of a token speak of, and what the lists make of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.access import ALLOWED, SIGN_IN_ENDED, Actor, Role
from services.configurations import RoleLists, load
from services.errors import AccessDenied, NotConnected
from services.plans import Act
from services.users import identify, person_key, token_key

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LISTS = RoleLists("groups", None, ("ml-engineers", "Kim@Exchange.example"), ("choi@exchange.example", "owners"))


def claims(**more: Any) -> dict[str, Any]:
    end = (NOW + timedelta(hours=1)).timestamp()
    return {"is_logged_in": True, "iss": "https://login", "sub": "1", "exp": int(end), **more}


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ({}, Role.VIEWER),
        ({"email": "kim@exchange.example"}, Role.OPERATOR),
        ({"email": "KIM@exchange.EXAMPLE", "email_verified": True}, Role.OPERATOR),
        ({"email": "kim@exchange.example", "email_verified": False}, Role.VIEWER),
        ({"email": "kim@exchange.example", "email_verified": "false"}, Role.VIEWER),
        ({"groups": ["staff", "ml-engineers"]}, Role.OPERATOR),
        ({"groups": "ml-engineers"}, Role.OPERATOR),
        ({"groups": "ML-Engineers"}, Role.VIEWER),
        ({"groups": ["ml-engineers", "owners"]}, Role.ADMIN),
        # A group that is called like an address is none.
        ({"groups": ["choi@exchange.example"]}, Role.VIEWER),
        # Neither is a name that one may choose for oneself.
        ({"preferred_username": "choi@exchange.example", "name": "owners"}, Role.VIEWER),
        ({"email": "owners"}, Role.VIEWER),
        ({"groups": [1, None]}, Role.VIEWER),
        ({"groups": None}, Role.VIEWER),
    ],
)
def test_the_highest_role_that_names_a_person_counts(said: dict[str, Any], role: Role) -> None:
    assert identify(claims(**said), LISTS, NOW).role is role


def test_an_actor_bears_their_address_and_the_end_of_their_sign_in() -> None:
    assert identify(claims(email="lee@exchange.example"), LISTS, NOW) == Actor(
        "lee@exchange.example", Role.VIEWER, NOW + timedelta(hours=1)
    )
    assert identify(claims(preferred_username="lee"), LISTS, NOW).name == "lee"
    assert identify(claims(), LISTS, NOW).name == "1"


WRONG: tuple[dict[str, Any], ...] = ({"sub": ""}, {"exp": None}, {"exp": "soon"}, {"exp": NOW.timestamp()})


@pytest.mark.parametrize(
    "said",
    [{}, {"is_logged_in": False}, claims(sub=""), claims(exp=None), claims(exp="soon"), claims(exp=NOW.timestamp())],
)
def test_nobody_without_a_token_that_holds(said: dict[str, Any]) -> None:
    with pytest.raises(NotConnected) as caught:
        identify(said, LISTS, NOW)
    assert caught.value.code == SIGN_IN_ENDED


def test_a_list_of_viewers_lets_nobody_else_in() -> None:
    closed = RoleLists(viewer=("finance",), operator=("ml-engineers",))
    assert identify(claims(groups=["finance"]), closed, NOW).role is Role.VIEWER
    assert identify(claims(groups=["ml-engineers"]), closed, NOW).role is Role.OPERATOR
    for lists in (closed, RoleLists(viewer=())):
        with pytest.raises(AccessDenied, match=r"lee@exchange\.example may not use this deck"):
            identify(claims(email="lee@exchange.example"), lists, NOW)


def test_one_person_signs_in_many_times() -> None:
    first, second = claims(nonce="a"), claims(nonce="b")
    assert person_key(first) == person_key(second)
    assert token_key(first) != token_key(second)


def test_roles_are_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "flightdeck.toml"
    path.write_text('[roles]\nclaim = "cognito:groups"\noperator = ["ml"]\n')
    lists = load(path).roles
    assert identify(claims(**{"cognito:groups": ["ml"]}), lists, NOW).role is Role.OPERATOR


def test_the_guide_has_the_table_as_it_is() -> None:
    guide = Path("docs/guides/sign-in.md").read_text()
    rows = [f"| `{act}` | " + " | ".join("yes" if act in ALLOWED[role] else "" for role in Role) + " |" for act in Act]
    table = "\n".join(row.replace("|  |", "| |").replace("|  |", "| |") for row in rows)
    assert "| act | viewer | operator | admin |\n|---|---|---|---|\n" + table + "\n" in guide
