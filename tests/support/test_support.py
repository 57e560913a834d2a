"""The harness itself: waiting, isolation, and the practice account's process."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.support.isolation import ENVIRONMENT, GUARD, LeftLoopback, is_loopback
from tests.support.practice_account import Account
from tests.support.waiting import eventually


@pytest.fixture
def refused() -> Iterator[None]:
    """Takes the refusals that a test of the guard brings about off the guard's list."""
    yield
    assert GUARD.attempts()


def test_waiting_gives_the_first_value_that_meets_the_condition() -> None:
    numbers = count()
    assert eventually(lambda: next(numbers), until=lambda number: number > 2) == 3


def test_waiting_can_name_the_attributes_it_waits_for() -> None:
    states = iter(["Pending", "Pending", "InService"])
    assert eventually(lambda: SimpleNamespace(status=next(states)), status="InService").status == "InService"


def test_waiting_in_vain_says_what_it_saw_last() -> None:
    with pytest.raises(AssertionError, match="last read: 'Pending'"):
        eventually(lambda: "Pending", until=lambda state: state == "InService", timeout=0)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "notebook.localhost"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.1", "192.0.2.1", "sts.amazonaws.com", "2001:db8::1"])
def test_other_machines_are_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.usefixtures("refused")
def test_a_socket_cannot_leave() -> None:
    with socket.socket() as sock, pytest.raises(LeftLoopback):
        sock.connect(("192.0.2.1", 443))


@pytest.mark.usefixtures("refused")
def test_boto3_cannot_leave_even_where_it_swallows_the_refusal() -> None:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "us-east-1"}
    client = boto3.client("sts", config=Config(proxies={}, retries={"total_max_attempts": 1}), **keys)  # type: ignore[call-overload]
    with pytest.raises((BotoCoreError, LeftLoopback)):
        client.get_caller_identity()


def test_children_find_a_dead_proxy_and_no_credentials() -> None:
    program = (
        "import os; print(sorted(name for name in os.environ if name.startswith('AWS_')), os.environ['HTTPS_PROXY'])"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said.strip() == f"{sorted(name for name in ENVIRONMENT if name.startswith('AWS_'))} http://127.0.0.1:9"
    assert not any(name in os.environ for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_SESSION_TOKEN"))


def test_a_practice_account_answers_and_its_clock_can_be_moved(practice: Account) -> None:
    assert practice.client("sts").get_caller_identity()["Account"] == "123456789012"
    before = practice.clock()
    assert (practice.advance(3600) - before).total_seconds() >= 3600


def test_a_practice_account_comes_back_after_a_kill_with_its_keys_on_its_port(practice: Account) -> None:
    url, access_key, pid = practice.url, practice.access_key, practice.pid
    practice.client("s3").create_bucket(
        Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"}
    )
    practice.kill()
    practice.restart()
    assert (practice.url, practice.access_key) == (url, access_key)
    assert practice.pid != pid
    assert [bucket["Name"] for bucket in practice.client("s3").list_buckets()["Buckets"]] == ["kept"]
