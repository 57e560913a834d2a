"""A plan is data: it names its wish, shows as code that runs, and is written down whole."""

import json
import re
import shlex
from datetime import UTC, datetime
from decimal import Decimal
from keyword import iskeyword
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.plans import (
    EXAMPLE_TAG,
    INTENT_TAG,
    OWNER_TAG,
    Act,
    Call,
    Check,
    Effect,
    Plan,
    PricePart,
    Quota,
    Severity,
    as_boto3,
    as_cli,
    as_json,
    check_name,
    new_intent,
    tags,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def plan(intent: str = "wish") -> Plan:
    request = {"Name": "n", "Tags": tags(intent, "kim"), "Deep": {"Token": intent, "List": [1, None, intent + "!"]}}
    return Plan(
        Act.LAUNCH,
        "notebook",
        "n",
        "eu-west-1",
        (Call("sagemaker", "create_notebook_instance", request),),
        Effect(Decimal("1.5"), worst_case_usd=Decimal(12)),
        (Check(Severity.WARNING, "no_auto_stop"),),
        Quota("q", "L-1", 1, 2, 1),
        (PricePart("instance", Decimal("1.5"), "2026-01-01", "s", "listed"),),
        NOW,
        intent,
    )


def test_a_wish_can_be_given_another_name_everywhere_at_once() -> None:
    renamed = plan().with_intent("other")
    parameters = renamed.calls[0].parameters
    assert renamed.intent == "other"
    assert parameters["Tags"] == tags("other", "kim")
    assert parameters["Deep"] == {"Token": "other", "List": [1, None, "wish!"]}
    assert plan().calls[0].parameters["Tags"] == tags("wish", "kim")


def test_tags_say_wish_owner_and_example() -> None:
    assert tags("i", "kim") == [{"Key": INTENT_TAG, "Value": "i"}, {"Key": OWNER_TAG, "Value": "kim"}]
    assert tags("i", "", "lora")[-1] == {"Key": EXAMPLE_TAG, "Value": "lora"}
    assert new_intent() != new_intent()


def test_only_a_refusal_refuses() -> None:
    assert not plan().refused
    assert Plan(Act.STOP, "endpoint", "e", "r", (), checks=(Check(Severity.REFUSAL, "x"),)).refused


def test_a_plan_is_written_down_whole() -> None:
    kept = json.loads(as_json(plan()))
    assert kept["act"] == "launch"
    assert kept["effect"]["adds_usd_per_hour"] == "1.5"
    assert kept["effect"]["worst_case_usd"] == "12"
    assert kept["stops_at"] == "2026-11-01T00:00:00+00:00"
    assert kept["calls"][0]["parameters"] == plan().calls[0].parameters
    assert kept["quota"]["limit"] == 2


NASTY = 'it\'s "quoted" $HOME `id` \\ \n 서울'


def test_the_cli_command_says_the_same_through_a_shell() -> None:
    call = Call("sagemaker", "create_notebook_instance", {"Name": NASTY, "VolumeSizeInGB": 5})
    words = shlex.split(as_cli(call, "eu-west-1"))
    assert words[:5] == ["aws", "sagemaker", "create-notebook-instance", "--region", "eu-west-1"]
    assert words[5] == "--cli-input-json"
    assert json.loads(words[6]) == call.parameters


def test_an_upload_is_a_copy_on_the_command_line() -> None:
    call = Call("s3", "upload_file", {"Filename": "/tmp/a b.tar.gz", "Bucket": "b", "Key": "k"})
    assert shlex.split(as_cli(call, "r")) == ["aws", "s3", "cp", "--region", "r", "/tmp/a b.tar.gz", "s3://b/k"]


MEMBERS = st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}", fullmatch=True).filter(lambda name: not iskeyword(name))


@given(st.dictionaries(MEMBERS, st.text() | st.integers() | st.booleans() | st.lists(st.text())))
def test_the_python_says_the_same(parameters: dict[str, object]) -> None:
    said: list[object] = []

    class Client:
        def do_it(self, **named: object) -> None:
            said.append(named)

    def client(service: str, region_name: str) -> Client:
        said.extend((service, region_name))
        return Client()

    code = as_boto3(Call("sagemaker", "do_it", parameters), "eu-west-1")
    assert code.startswith("import boto3\n")
    named = {"boto3": SimpleNamespace(client=client)}
    exec(code.removeprefix("import boto3\n"), named)  # noqa: S102 - our own code is what is tested
    assert said == ["sagemaker", "eu-west-1", parameters]


@given(st.text(alphabet="ab9-_ .", max_size=70))
def test_a_name_that_passes_is_one_that_sagemaker_takes(name: str) -> None:
    documented = len(name) <= 63 and re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", name) is not None
    assert (check_name(name) == ()) == documented


@pytest.mark.parametrize("name", ["", "-a", "a-", "a b", "가", "a" * 64, "a" + "-" * 70 + "b", "a\n"])
def test_names_that_sagemaker_refuses(name: str) -> None:
    (check,) = check_name(name)
    assert (check.severity, check.code, check.values) == (Severity.REFUSAL, "name_invalid", {"name": name})
