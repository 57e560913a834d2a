"""What is no answer is an error in every protocol, and another try is made only when it would end in time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from services import replies
from services.cloud import Cloud
from services.errors import (
    AccessDenied,
    DeckError,
    InvalidRequest,
    NoCapacity,
    NotConnected,
    NotFound,
    QuotaExceeded,
    Throttled,
    Unavailable,
    translated,
)
from services.replies import CALL_SECONDS
from tests.support.fault_proxy import Proxy, cloud_through, running
from tests.support.faults import Fault
from tests.support.practice_account import Account

ASKS: dict[str, Callable[[Cloud], Any]] = {
    "json": lambda cloud: cloud.client("sagemaker").list_models(),
    "rest-json": lambda cloud: cloud.client("scheduler").list_schedules(),
    "cloudwatch": lambda cloud: cloud.client("cloudwatch").list_metrics(),
    "query": lambda cloud: cloud.client("sts").get_caller_identity(),
    "ec2": lambda cloud: cloud.client("ec2").describe_vpcs(),
    "rest-xml": lambda cloud: cloud.client("s3").list_buckets(),
}


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    with running() as opened:
        yield opened


def ask(cloud: Cloud, protocol: str) -> Any:
    with translated(protocol):
        return ASKS[protocol](cloud)


@pytest.mark.parametrize("protocol", ASKS)
def test_every_protocol_passes_the_proxy_and_what_is_no_answer_is_an_error(
    shared_practice: Account, proxy: Proxy, protocol: str
) -> None:
    cloud = cloud_through(proxy, shared_practice)
    proxy.faults = ()
    assert ask(cloud, protocol)["ResponseMetadata"]["HTTPStatusCode"] == 200
    for kind in ("cut", "torn", "html"):
        proxy.faults = [Fault(kind)]
        before = proxy.count(kind)
        with pytest.raises(Unavailable):
            ask(cloud, protocol)
    assert proxy.count("html") - before == 5, "asked again as often as any passing trouble"


TELLS: dict[str, Callable[[Cloud], Any]] = {
    "json": lambda cloud: cloud.writer("sagemaker").stop_notebook_instance(NotebookInstanceName="none"),
    "query": lambda cloud: cloud.writer("iam").delete_user_policy(UserName="none", PolicyName="none"),
    "ec2": lambda cloud: cloud.writer("ec2").delete_vpc(VpcId="vpc-00000000000000000"),
    "rest-xml": lambda cloud: cloud.writer("s3").delete_bucket(Bucket="nobody-has-this-one"),
}
"""Calls whose answer has nothing to say, each about something that is not there."""


@pytest.mark.parametrize("protocol", TELLS)
def test_what_is_no_answer_to_a_call_that_returns_nothing_is_an_error_too(
    shared_practice: Account, proxy: Proxy, protocol: str
) -> None:
    cloud = cloud_through(proxy, shared_practice)
    proxy.faults = ()
    with pytest.raises((NotFound, InvalidRequest)), translated(protocol):
        TELLS[protocol](cloud)
    proxy.faults, before = [Fault("html")], proxy.count("html")
    with pytest.raises(Unavailable), translated(protocol):
        TELLS[protocol](cloud)
    assert proxy.count("html") - before == 3, "asked again as often as any write"


@pytest.mark.parametrize("protocol", TELLS)
@pytest.mark.parametrize("kind", ["garbled", "page"])
def test_a_refusal_that_did_not_arrive_whole_is_no_refusal(
    shared_practice: Account, proxy: Proxy, protocol: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = {"garbled": b'{"__type": "Resou\xff', "page": b"<!DOCTYPE html><html><body>Blocked</body></html>"}
    proxy.faults = ()
    monkeypatch.setattr(proxy, "rewrite", lambda _, reply: replace(reply, headers=(), body=bodies[kind]))
    with pytest.raises(Unavailable) as caught, translated(protocol):
        TELLS[protocol](cloud_through(proxy, shared_practice))
    assert "Blocked" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("denied", AccessDenied),
        ("expired", NotConnected),
        ("region", (NotConnected, AccessDenied)),
        ("limit", QuotaExceeded),
        ("capacity", NoCapacity),
        ("echo", NotConnected),
    ],
)
@pytest.mark.parametrize("protocol", ["json", "rest-json", "query", "ec2", "rest-xml"])
def test_each_protocols_own_words_are_understood(
    shared_practice: Account, proxy: Proxy, protocol: str, kind: str, error: type[DeckError]
) -> None:
    proxy.faults = [Fault(kind)]
    with pytest.raises(error) as caught:
        ask(cloud_through(proxy, shared_practice), protocol)
    assert shared_practice.access_key not in caught.value.message


def test_a_throttled_call_that_passes_is_an_answer(shared_practice: Account, proxy: Proxy) -> None:
    proxy.faults = [Fault("throttle", "sagemaker", "ListModels", chance=0.5)]
    cloud = cloud_through(proxy, shared_practice)
    before = proxy.count("throttle")
    answers = 0
    while proxy.count("throttle") == before:
        try:
            answers += "Models" in ask(cloud, "json")
        except Throttled:
            continue
    assert answers or proxy.count("throttle") - before == 5


@pytest.mark.parametrize(
    ("spent", "attempts", "answered", "again"),
    [
        (0, 1, False, True),
        (8, 1, False, True),
        (16, 2, False, False),
        (13.9, 1, True, True),
        (14.5, 1, True, False),
        (8, 4, True, False),
        (6, 4, True, True),
    ],
)
def test_another_try_must_end_in_time(spent: float, attempts: int, answered: bool, again: bool) -> None:
    """A read's own wait is at most ten seconds; the longest pause doubles with each throttled try."""
    decide = replies._give_up_in_time(10)
    request = {"context": {"flightdeck_begun": time.monotonic() - spent}}
    assert (decide(request_dict=request, response=answered or None, attempts=attempts) is None) is again
    if again:
        assert spent + 10 < CALL_SECONDS
