"""What AWS says is taken for an answer only when it is one."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

import pytest

from services import notebooks, quotas, trainings
from services.cloud import INVOKE, READ, WRITE, Account, AccountKind, Cloud
from services.errors import AccessDenied, DeckError, NotConnected, Throttled, Unavailable, translated
from tests.support import servers
from tests.support.deck_wishes import ACCOUNT_ID, deck_account
from tests.support.ports import free_port
from tests.support.practice_account import REGION
from tests.support.practice_account import Account as Practice

EMPTY_LIST = b'{"NotebookInstances": []}'
SHORT_PAUSES = 10134
HTML = b"<html><body>The proxy says hello</body></html>"


@dataclass
class Said:
    """What the server on loopback answers every call with, and how often it was called."""

    status: int = 200
    body: bytes = EMPTY_LIST
    calls: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def said() -> Iterator[Said]:
    answer = Said()

    class Handler(servers.Handler):
        def serve(self) -> None:
            self.body()
            answer.calls.append(self.headers["X-Amz-Target"])
            self.answer(answer.status, answer.body)

    with servers.serving(Handler) as answer.url:
        yield answer


def at(url: str) -> Cloud:
    return Cloud(Account(AccountKind.PRACTICE, ACCOUNT_ID, "", url, "key", "secret"), REGION)


def test_an_empty_account_is_empty(said: Said) -> None:
    assert notebooks.list_notebooks(at(said.url)) == ()
    assert said.calls == ["SageMaker.ListNotebookInstances"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{}", "any of its members"),
        (b"", "any of its members"),
        (b'{"NextToken": "more"}', "its list"),
        (EMPTY_LIST[:-3], "a whole body"),
        (HTML, "a whole body"),
        (b"[]", "a whole body"),
        (b"null", "a whole body"),
    ],
    ids=["no members", "nothing", "no list", "cut", "HTML", "a list", "null"],
)
def test_no_half_answer_reads_as_nothing_there(said: Said, body: bytes, why: str) -> None:
    said.body = body
    with pytest.raises(Unavailable, match=why) as caught:
        notebooks.list_notebooks(at(said.url))
    assert caught.value.resource == "notebook instances"
    assert caught.value.remedy
    assert len(said.calls) == 5


def test_an_answer_without_what_the_service_always_sends_is_none(said: Said) -> None:
    said.body = b'{"NotebookInstanceName": "n"}'
    with pytest.raises(Unavailable, match="DescribeTrainingJob lacks TrainingJobName"):
        trainings.get_training_job(at(said.url), "j")


@pytest.mark.parametrize(
    ("status", "body", "kind", "tries"),
    [
        (400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}', Throttled, 5),
        (400, b'{"__type": "AccessDeniedException", "message": "not authorized"}', AccessDenied, 1),
        (400, b'{"__type": "ExpiredTokenException", "message": "expired"}', NotConnected, 1),
        (500, b'{"__type": "InternalFailure"}', Unavailable, 5),
        (503, HTML, Unavailable, 5),
    ],
)
def test_errors_are_ours_and_only_what_may_pass_is_asked_again(
    said: Said, status: int, body: bytes, kind: type[DeckError], tries: int
) -> None:
    # botocore's pauses are drawn by chance: the shortest will do.
    random.seed(SHORT_PAUSES)
    said.status, said.body = status, body
    with pytest.raises(kind):
        quotas.applied_limits(at(said.url))
    assert len(said.calls) == tries


def test_an_account_that_does_not_answer_is_not_connected() -> None:
    with pytest.raises(NotConnected):
        notebooks.list_notebooks(at(f"http://127.0.0.1:{free_port()}"))


def test_a_profile_that_is_not_there_is_not_connected() -> None:
    cloud = Cloud(Account(AccountKind.REAL, ACCOUNT_ID, profile="nobody"), REGION)
    with pytest.raises(NotConnected, match="nobody") as caught:
        cloud.client("sagemaker")
    assert caught.value.resource == f"sagemaker in {REGION}"


def test_clients_are_made_once_and_writers_keep_their_own_retries(said: Said) -> None:
    cloud = at(said.url)
    with ThreadPoolExecutor(8) as threads:
        clients = set(threads.map(lambda _: id(cloud.client("sagemaker")), range(16)))
    assert clients == {id(cloud.client("sagemaker"))}
    assert cloud.writer("sagemaker") is not cloud.client("sagemaker")
    assert cloud.at("us-east-1").client("sagemaker").meta.region_name == "us-east-1"
    assert cloud.invoker().meta.service_model.service_name == "sagemaker-runtime"


def test_nothing_waits_for_ever_and_a_model_is_never_asked_twice() -> None:
    configs: list[Any] = [READ, WRITE, INVOKE]
    assert [config.connect_timeout for config in configs] == [2, 2, 2]
    assert [config.retries["mode"] for config in configs] == ["standard"] * 3
    assert [config.retries["total_max_attempts"] for config in configs] == [5, 3, 1]
    assert configs[0].read_timeout == 8
    assert configs[2].read_timeout > 60


def test_secrets_are_in_no_text_of_an_account(shared_practice: Practice) -> None:
    account = deck_account(shared_practice)
    assert shared_practice.secret_key not in repr(account)
    assert shared_practice.access_key not in repr(account) + account.key


def test_times_are_in_utc(shared_practice: Practice, shared_cloud: Cloud) -> None:
    name = "utc"
    shared_practice.client("logs").create_log_group(logGroupName=name)
    scheduler = shared_cloud.client("scheduler")
    scheduler.create_schedule_group(Name=name)
    with translated():
        assert scheduler.get_schedule_group(Name=name)["CreationDate"].tzinfo is UTC
