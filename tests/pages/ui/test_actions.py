"""A plan is carried out once, and what came of it is said where it was asked for."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import session
from pages.ui.supervisor import PRACTICE_KEY
from services.plans import Plan
from tests.support.deck_wishes import cloud_of, notebook_plan
from tests.support.practice_account import Account
from tests.support.screens import deck_at


def sending(cloud: object, plan: object) -> None:
    import streamlit as st

    from pages.ui import actions

    action = actions.send(cloud, plan)  # type: ignore[arg-type]
    st.write(f"came to {action.state if action else 'nothing'}")
    actions.say_what_was_done()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    with deck_at(tmp_path_factory.mktemp("actions") / "home") as desk:
        desk.supervisor.account()
        yield desk


@pytest.fixture
def account(desk: session.Desk) -> Account:
    account = Account(desk.home / "practice")
    account.attach()
    return account


def sent(account: Account, plan: Plan) -> AppTest:
    arguments = {"cloud": cloud_of(account), "plan": plan}
    screen = AppTest.from_function(sending, kwargs=arguments, default_timeout=60).run()
    assert not screen.exception
    return screen


def count(account: Account, name: str) -> int:
    rows = account.client("sagemaker").list_notebook_instances(NameContains=name)["NotebookInstances"]
    return len(rows)


def test_the_same_plan_sent_twice_is_carried_out_once(desk: session.Desk, account: Account) -> None:
    plan = notebook_plan(cloud_of(account), "twice")
    for _ in range(2):
        screen = sent(account, plan)
        assert screen.toast[0].value == "twice is on its way."
        assert screen.markdown[0].value == "came to done"
    assert count(account, "twice") == 1
    assert [row.name for row in desk.ledger.actions(PRACTICE_KEY)].count("twice") == 1


def test_what_aws_refuses_is_said_in_place(account: Account) -> None:
    assert sent(account, notebook_plan(cloud_of(account), "taken")).markdown[0].value == "came to done"
    screen = sent(account, notebook_plan(cloud_of(account), "taken"))
    assert "duplicate" in screen.error[0].value
    assert screen.markdown[0].value == "came to failed"
    assert not screen.toast


def test_a_plan_that_is_refused_by_its_checks_is_never_sent(desk: session.Desk, account: Account) -> None:
    screen = sent(account, notebook_plan(cloud_of(account), "no good name"))
    assert "The request was refused" in screen.error[0].value
    assert screen.markdown[0].value == "came to nothing"
    assert "no good name" not in [row.name for row in desk.ledger.actions(PRACTICE_KEY)]
