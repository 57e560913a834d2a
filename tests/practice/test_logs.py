"""CloudWatch Logs through boto3, and the way by which what runs in the account writes to it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import logs
from practice.logs import rows
from practice.logs.patterns import Pattern, parse
from tests.support.local_account import REGION, Local
from tests.support.practice_account import Account
from tests.support.waiting import eventually

GROUP = "/aws/sagemaker/TrainingJobs"


@pytest.fixture
def cloud(local: Local) -> Any:
    return local.client("logs")


def refused(call: Callable[..., Any], **request: Any) -> tuple[str, str]:
    """The code and the message that a request is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def now_ms(local: Local) -> int:
    return rows.to_ms(local.world.clock.now())


def stream_with(local: Local, cloud: Any, count: int, name: str = "job/algo-1-1") -> list[dict[str, Any]]:
    """A stream that holds `count` events a second apart, the last one now: what was put."""
    cloud.create_log_group(logGroupName=GROUP)
    cloud.create_log_stream(logGroupName=GROUP, logStreamName=name)
    start = now_ms(local) - 1000 * count
    events = [{"timestamp": start + 1000 * n, "message": f"line {n}"} for n in range(count)]
    cloud.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=events)
    return events


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]


def test_groups_are_described_by_name_with_prefix_pattern_and_pages(cloud: Any) -> None:
    for name in ("/b/two", "/a/one", "/b/one"):
        cloud.create_log_group(logGroupName=name, tags={"team": "risk"})
    described = cloud.describe_log_groups()["logGroups"]
    assert [group["logGroupName"] for group in described] == ["/a/one", "/b/one", "/b/two"]
    first = described[0]
    assert first["logGroupArn"] == f"arn:aws:logs:{REGION}:123456789012:log-group:/a/one"
    assert first["arn"] == first["logGroupArn"] + ":*"
    assert (first["storedBytes"], first["metricFilterCount"], first["logGroupClass"]) == (0, 0, "STANDARD")
    assert "retentionInDays" not in first

    def names(**request: Any) -> list[str]:
        return [group["logGroupName"] for group in cloud.describe_log_groups(**request)["logGroups"]]

    assert names(logGroupNamePrefix="/b/") == ["/b/one", "/b/two"]
    assert names(logGroupNamePattern="one") == ["/a/one", "/b/one"]
    assert names(logGroupIdentifiers=["/b/two", first["logGroupArn"]]) == ["/a/one", "/b/two"]
    assert names(logGroupClass="INFREQUENT_ACCESS") == []
    pages = cloud.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["logGroups"]) for page in pages] == [2, 1]


def test_groups_live_in_their_region(local: Local, cloud: Any) -> None:
    cloud.create_log_group(logGroupName=GROUP)
    assert local.client("logs", "us-east-1").describe_log_groups()["logGroups"] == []


def test_what_exists_already_or_not_at_all_is_refused_in_aws_words(cloud: Any) -> None:
    cloud.create_log_group(logGroupName=GROUP)
    cloud.create_log_stream(logGroupName=GROUP, logStreamName="s")
    exists, missing = "ResourceAlreadyExistsException", "ResourceNotFoundException"
    assert refused(cloud.create_log_group, logGroupName=GROUP) == (exists, "The specified log group already exists")
    again = refused(cloud.create_log_stream, logGroupName=GROUP, logStreamName="s")
    assert again == (exists, "The specified log stream already exists")
    calls: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (cloud.delete_log_group, {}),
        (cloud.create_log_stream, {"logStreamName": "s"}),
        (cloud.describe_log_streams, {}),
        (cloud.filter_log_events, {}),
        (cloud.put_retention_policy, {"retentionInDays": 7}),
    ]
    for call, request in calls:
        expected = (missing, "The specified log group does not exist.")
        assert refused(call, logGroupName="/no/such", **request) == expected
    calls = [
        (cloud.get_log_events, {}),
        (cloud.delete_log_stream, {}),
        (cloud.put_log_events, {"logEvents": [{"timestamp": 1, "message": "x"}]}),
    ]
    for call, request in calls:
        expected = (missing, "The specified log stream does not exist.")
        assert refused(call, logGroupName=GROUP, logStreamName="none", **request) == expected
    assert refused(cloud.list_tags_for_resource, resourceArn="arn:aws:logs:x:1:log-group:none")[0] == missing


def test_a_request_that_breaks_the_model_is_an_invalid_parameter(cloud: Any) -> None:
    code, message = refused(cloud.create_log_group, logGroupName="not a name")
    assert code == "InvalidParameterException"
    assert message.startswith("1 validation error detected: Value 'not a name' at 'logGroupName'")


@pytest.mark.parametrize(
    "request_",
    [
        {"call": "describe_log_groups", "logGroupNamePrefix": "a", "logGroupNamePattern": "b"},
        {"call": "describe_log_groups", "nextToken": "not ours"},
        {"call": "describe_log_streams", "logGroupName": GROUP, "logGroupIdentifier": GROUP},
        {"call": "describe_log_streams"},
        {"call": "describe_log_streams", "logGroupName": GROUP, "logStreamNamePrefix": "j", "orderBy": "LastEventTime"},
        {"call": "get_log_events", "logGroupName": GROUP, "logStreamName": "job/algo-1-1", "nextToken": "not ours"},
        {"call": "filter_log_events", "logGroupName": GROUP, "logStreamNames": ["s"], "logStreamNamePrefix": "s"},
        {"call": "filter_log_events", "logGroupName": GROUP, "filterPattern": '"open'},
        {"call": "put_retention_policy", "logGroupName": GROUP, "retentionInDays": 2},
    ],
)
def test_what_cannot_be_asked_is_an_invalid_parameter(local: Local, cloud: Any, request_: dict[str, Any]) -> None:
    stream_with(local, cloud, 1)
    asked = dict(request_)
    assert refused(getattr(cloud, asked.pop("call")), **asked)[0] == "InvalidParameterException"


def test_operations_and_patterns_that_are_missing_say_so(cloud: Any) -> None:
    cloud.create_log_group(logGroupName=GROUP)
    for call, request in (
        (cloud.filter_log_events, {"logGroupName": GROUP, "filterPattern": "{ $.level = 30 }"}),
        (cloud.create_log_group, {"logGroupName": "/p", "deletionProtectionEnabled": True}),
        (cloud.describe_queries, {}),
    ):
        with pytest.raises(ClientError) as caught:
            call(**request)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert "does not implement logs:" in caught.value.response["Error"]["Message"]


def test_streams_are_listed_by_name_or_by_their_last_event(local: Local, cloud: Any) -> None:
    events = stream_with(local, cloud, 3, "b")
    for name in ("a", "c"):
        cloud.create_log_stream(logGroupName=GROUP, logStreamName=name)
    early = [{"timestamp": events[0]["timestamp"] - 5000, "message": "early"}]
    cloud.put_log_events(logGroupName=GROUP, logStreamName="c", logEvents=early)

    def names(**request: Any) -> list[str]:
        answer = cloud.describe_log_streams(logGroupName=GROUP, **request)
        return [stream["logStreamName"] for stream in answer["logStreams"]]

    assert names() == ["a", "b", "c"]
    assert names(descending=True) == ["c", "b", "a"]
    assert names(orderBy="LastEventTime", descending=True) == ["b", "c", "a"]
    assert names(logStreamNamePrefix="b", orderBy="LogStreamName") == ["b"]
    pages = cloud.get_paginator("describe_log_streams").paginate(logGroupName=GROUP, PaginationConfig={"PageSize": 2})
    assert [len(page["logStreams"]) for page in pages] == [2, 1]

    group = cloud.describe_log_groups()["logGroups"][0]
    empty, full, _ = cloud.describe_log_streams(logGroupIdentifier=group["logGroupArn"])["logStreams"]
    assert {"firstEventTimestamp", "lastEventTimestamp", "lastIngestionTime"}.isdisjoint(empty)
    assert full["firstEventTimestamp"] == events[0]["timestamp"]
    assert full["lastEventTimestamp"] == events[-1]["timestamp"]
    assert full["lastIngestionTime"] >= full["creationTime"]
    assert full["arn"] == f"{group['logGroupArn']}:log-stream:b"
    assert full["storedBytes"] == 0
    assert group["storedBytes"] == sum(len(event["message"]) + 26 for event in [*events, *early])


def test_a_stream_is_read_from_its_head_until_the_token_repeats(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 5)
    place = {"logGroupName": GROUP, "logStreamName": "job/algo-1-1", "startFromHead": True}
    read: list[str] = []
    tokens: list[str] = []
    request: dict[str, str] = {}
    while len(tokens) < 2 or tokens[-1] != tokens[-2]:
        answer = cloud.get_log_events(**place, limit=2, **request)
        read += messages(answer)
        tokens.append(answer["nextForwardToken"])
        request = {"nextToken": tokens[-1]}
    assert read == [f"line {n}" for n in range(5)]
    late = [{"timestamp": now_ms(local), "message": "late"}]
    cloud.put_log_events(logGroupName=GROUP, logStreamName="job/algo-1-1", logEvents=late)
    assert messages(cloud.get_log_events(**place, nextToken=tokens[-1])) == ["late"]


def test_a_stream_is_read_backward_from_its_tail(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 5)
    place = {"logGroupName": GROUP, "logStreamName": "job/algo-1-1", "limit": 3}
    tail = cloud.get_log_events(**place)
    assert messages(tail) == ["line 2", "line 3", "line 4"]
    before = cloud.get_log_events(**place, nextToken=tail["nextBackwardToken"])
    assert messages(before) == ["line 0", "line 1"]
    end = cloud.get_log_events(**place, nextToken=before["nextBackwardToken"])
    assert (messages(end), end["nextBackwardToken"]) == ([], before["nextBackwardToken"])
    again = cloud.get_log_events(**place, nextToken=end["nextForwardToken"])
    assert messages(again) == ["line 0", "line 1", "line 2"]


@pytest.mark.parametrize("from_head", [True, False])
def test_an_empty_stream_has_tokens_that_find_what_comes(local: Local, cloud: Any, from_head: bool) -> None:
    cloud.create_log_group(logGroupName=GROUP)
    cloud.create_log_stream(logGroupName=GROUP, logStreamName="s")
    place = {"logGroupName": GROUP, "logStreamName": "s", "startFromHead": from_head}
    empty = cloud.get_log_events(**place)
    assert messages(empty) == []
    event = [{"timestamp": now_ms(local), "message": "first"}]
    cloud.put_log_events(logGroupName=GROUP, logStreamName="s", logEvents=event)
    assert messages(cloud.get_log_events(**place, nextToken=empty["nextForwardToken"])) == ["first"]


def test_the_start_of_a_range_is_in_it_and_the_end_only_for_filter(local: Local, cloud: Any) -> None:
    events = stream_with(local, cloud, 4)
    bounds = {"startTime": events[1]["timestamp"], "endTime": events[2]["timestamp"]}
    read = cloud.get_log_events(logGroupName=GROUP, logStreamName="job/algo-1-1", **bounds)
    assert messages(read) == ["line 1"]
    assert messages(cloud.filter_log_events(logGroupName=GROUP, **bounds)) == ["line 1", "line 2"]


def test_a_page_holds_at_most_a_megabyte(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 1)
    place = {"logGroupName": GROUP, "logStreamName": "job/algo-1-1"}
    for _ in range(2):
        cloud.put_log_events(**place, logEvents=[{"timestamp": now_ms(local), "message": "x" * 600_000}])
    pages = cloud.get_paginator("filter_log_events").paginate(logGroupName=GROUP)
    assert [len(page["events"]) for page in pages] == [2, 1]
    first = cloud.get_log_events(**place, startFromHead=True)
    rest = cloud.get_log_events(**place, startFromHead=True, nextToken=first["nextForwardToken"])
    assert [len(first["events"]), len(rest["events"])] == [2, 1]


def test_a_filter_goes_over_streams_in_time_order(local: Local, cloud: Any) -> None:
    events = stream_with(local, cloud, 3, "job-1/algo-1")
    for number, name in enumerate(("job-1/algo-2", "job-2/algo-1")):
        cloud.create_log_stream(logGroupName=GROUP, logStreamName=name)
        between = [{"timestamp": events[1]["timestamp"] + 10 * (number + 1), "message": f"from {name}"}]
        cloud.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=between)

    def found(**request: Any) -> list[str]:
        return messages(cloud.filter_log_events(logGroupName=GROUP, **request))

    everything = ["line 0", "line 1", "from job-1/algo-2", "from job-2/algo-1", "line 2"]
    assert found() == everything
    assert found(startFromHead=False) == everything[::-1]
    assert found(logStreamNamePrefix="job-1/", filterPattern="from") == ["from job-1/algo-2"]
    assert found(logStreamNames=["job-2/algo-1"]) == ["from job-2/algo-1"]
    for forward in (True, False):
        asked = {"logGroupName": GROUP, "startFromHead": forward, "PaginationConfig": {"PageSize": 2}}
        pages = list(cloud.get_paginator("filter_log_events").paginate(**asked))
        assert [len(page["events"]) for page in pages] == [2, 2, 1]
        assert "nextToken" not in pages[-1]
    event = cloud.filter_log_events(logGroupName=GROUP, limit=1)["events"][0]
    assert event["logStreamName"] == "job-1/algo-1"
    assert len(event["eventId"]) == 56
    code, _ = refused(cloud.filter_log_events, logGroupName=GROUP, logStreamNames=["none"])
    assert code == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", ["ERROR disk full", "WARN disk slow", "INFO all well"]),
        ("disk", ["ERROR disk full", "WARN disk slow"]),
        ("disk ERROR", ["ERROR disk full"]),
        ('"disk slow"', ["WARN disk slow"]),
        ("?ERROR ?INFO", ["ERROR disk full", "INFO all well"]),
        ("disk -ERROR", ["WARN disk slow"]),
        ("-disk", ["INFO all well"]),
        ("?ERROR disk", ["ERROR disk full", "WARN disk slow"]),
        ("error", []),
    ],
)
def test_filter_patterns_of_terms(local: Local, cloud: Any, pattern: str, found: list[str]) -> None:
    lines = ["ERROR disk full", "WARN disk slow", "INFO all well"]
    logs.append(local.world, REGION, GROUP, "s", lines)
    logs.flush(local.world)
    assert messages(cloud.filter_log_events(logGroupName=GROUP, filterPattern=pattern)) == found


def test_a_pattern_is_read_into_its_terms() -> None:
    assert parse(r'one "two three" -"not \"this\"" ?ignored') == Pattern(("one", "two three"), (), ('not "this"',))
    assert parse('?a ?"b c"') == Pattern(any=("a", "b c"))


def test_a_batch_is_taken_in_order_and_in_bounds(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 1)
    place = {"logGroupName": GROUP, "logStreamName": "job/algo-1-1"}
    now, day = now_ms(local), 24 * 3600 * 1000

    def put(*times: int, message: str = "x") -> dict[str, Any]:
        answer: dict[str, Any] = cloud.put_log_events(
            **place, logEvents=[{"timestamp": at, "message": message} for at in times], sequenceToken="ignored"
        )
        return answer

    answer = put(now - 15 * day, now - 60_000, now + day)
    assert answer["nextSequenceToken"].isdigit()
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    read = cloud.get_log_events(**place, startFromHead=True)["events"]
    assert [event["timestamp"] for event in read if event["message"] == "x"] == [now - 60_000]
    assert "rejectedLogEventsInfo" not in put(now)
    assert "spans" not in put(now - 15 * day)
    for times, message, words in (
        ((now, now - 1), "x", "chronological order"),
        ((now - 2 * day, now), "x", "24 hours"),
        ((now, now), "x" * 600_000, "Upload too large: 1200052 bytes exceeds limit of 1048576"),
    ):
        events = [{"timestamp": at, "message": message} for at in times]
        code, said = refused(cloud.put_log_events, **place, logEvents=events)
        assert code == "InvalidParameterException"
        assert words in said


def test_events_expire_with_their_groups_retention(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 2)
    place = {"logGroupName": GROUP, "logStreamName": "job/algo-1-1"}
    cloud.put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    assert cloud.describe_log_groups()["logGroups"][0]["retentionInDays"] == 1
    assert len(cloud.get_log_events(**place)["events"]) == 2
    local.advance(days=1)
    assert cloud.get_log_events(**place)["events"] == []
    assert cloud.filter_log_events(logGroupName=GROUP)["events"] == []
    old = [{"timestamp": now_ms(local) - 25 * 3600 * 1000, "message": "old"}]
    assert cloud.put_log_events(**place, logEvents=old)["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    cloud.delete_retention_policy(logGroupName=GROUP)
    assert len(cloud.get_log_events(**place)["events"]) == 2


def test_tags_of_a_group(cloud: Any) -> None:
    cloud.create_log_group(logGroupName=GROUP, tags={"team": "risk"})
    arn = cloud.describe_log_groups()["logGroups"][0]["logGroupArn"]
    cloud.tag_resource(resourceArn=arn, tags={"stage": "practice"})
    assert cloud.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "risk", "stage": "practice"}
    cloud.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert cloud.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "practice"}
    code, _ = refused(cloud.tag_resource, resourceArn=arn, tags={f"key-{n}": "" for n in range(50)})
    assert code == "InvalidParameterException"


def test_deleting_takes_the_events_along(local: Local, cloud: Any) -> None:
    stream_with(local, cloud, 2)
    cloud.delete_log_stream(logGroupName=GROUP, logStreamName="job/algo-1-1")
    assert cloud.describe_log_streams(logGroupName=GROUP)["logStreams"] == []
    cloud.delete_log_group(logGroupName=GROUP)
    stream_with(local, cloud, 1)
    cloud.delete_log_group(logGroupName=GROUP)
    assert cloud.describe_log_groups()["logGroups"] == []
    assert local.world.store.read("SELECT * FROM log_events") == []


def test_output_reaches_its_stream_in_order_and_without_empty_lines(local: Local, cloud: Any) -> None:
    for number in range(50):
        logs.append(local.world, REGION, GROUP, f"job/algo-{number % 2 + 1}-1", [f"line {number}", "", "x" * 300_000])
    logs.append(local.world, REGION, GROUP, "job/algo-1-1", ["no \ud800 character"])

    def read(host: int) -> list[str]:
        place = {"logGroupName": GROUP, "logStreamNames": [f"job/algo-{host}-1"], "filterPattern": "line"}
        return messages(cloud.filter_log_events(**place))

    eventually(lambda: bool(cloud.describe_log_groups()["logGroups"]))
    logs.flush(local.world)
    assert read(1) == [f"line {number}" for number in range(0, 50, 2)]
    assert read(2) == [f"line {number}" for number in range(1, 50, 2)]
    tail = cloud.get_log_events(logGroupName=GROUP, logStreamName="job/algo-1-1", limit=3)
    assert [len(message) for message in messages(tail)] == [256_000, 44_000, len("no ? character")]


def test_output_is_on_disk_when_the_account_ends(local: Local) -> None:
    logs.append(local.world, REGION, GROUP, "s", ["the last words"])
    ended = local.world
    local.restart()
    assert messages(local.client("logs").filter_log_events(logGroupName=GROUP)) == ["the last words"]
    logs.append(ended, REGION, GROUP, "s", ["too late"])
    assert messages(local.client("logs").filter_log_events(logGroupName=GROUP)) == ["the last words"]


def test_what_was_put_survives_a_kill(practice: Account) -> None:
    cloud, name = practice.client("logs"), uuid.uuid4().hex
    cloud.create_log_group(logGroupName=name)
    cloud.create_log_stream(logGroupName=name, logStreamName="s")
    event = {"timestamp": rows.to_ms(practice.clock()), "message": "kept"}
    cloud.put_log_events(logGroupName=name, logStreamName="s", logEvents=[event])
    practice.kill()
    practice.restart()
    assert messages(practice.client("logs").get_log_events(logGroupName=name, logStreamName="s")) == ["kept"]
