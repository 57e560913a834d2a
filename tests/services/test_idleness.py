"""Whether what runs is used: by CloudWatch's invocations and Studio's last activity, never by a guess."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services import idleness
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud
from services.endpoints import Endpoint, EndpointStatus
from services.idleness import LOOK_BACK, Idle, Use, Witness, judge_app, judge_endpoint
from services.spenders import Spender, SpenderKind
from services.studios import Activity
from services.variants import Variant
from tests.support.deck_wishes import ACCOUNT_ID
from tests.support.practice_account import REGION, Account
from tests.support.replies import WHEN, Replies

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOW = WHEN.replace(minute=20, second=0)
HOUR_NOW = NOW.replace(minute=0)


def endpoint(name: str, age: timedelta = 30 * LOOK_BACK, variants: tuple[str, ...] = ("AllTraffic",)) -> Endpoint:
    made = NOW - age
    found = tuple(Variant(variant, "m", "ml.m5.large", 1, 1.0) for variant in variants)
    return Endpoint(name, f"arn:{name}", REGION, EndpointStatus.IN_SERVICE, made, made, name, found)


def app(age: timedelta, status: str = "InService") -> Spender:
    names = {"DomainId": "d-a", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "default"}
    return Spender(SpenderKind.APP, "s/default", "arn:app", REGION, status, NOW - age, names=names)


@pytest.mark.parametrize(
    ("age", "last", "idle"),
    [
        (30 * LOOK_BACK, None, Idle(Use.IDLE, Witness.INVOCATIONS, NOW - LOOK_BACK)),
        (5 * HOUR, None, Idle(Use.IDLE, Witness.INVOCATIONS, NOW - 5 * HOUR)),
        (59 * MINUTE, None, Idle(Use.UNKNOWN, Witness.NEW)),
        (5 * HOUR, NOW + 40 * MINUTE, Idle(Use.IN_USE, Witness.INVOCATIONS, NOW)),
        (5 * HOUR, NOW - 59 * MINUTE, Idle(Use.IN_USE, Witness.INVOCATIONS, NOW - 59 * MINUTE)),
        (5 * HOUR, NOW - HOUR, Idle(Use.IDLE, Witness.INVOCATIONS, NOW - HOUR)),
    ],
)
def test_an_endpoint_is_idle_when_nobody_invoked_it(age: timedelta, last: datetime | None, idle: Idle) -> None:
    assert judge_endpoint(endpoint("e", age), last, NOW) == idle


@pytest.mark.parametrize(
    ("activity", "idle"),
    [
        (Activity(None, None), Idle(Use.UNKNOWN, Witness.UNMEASURED)),
        (Activity(NOW - 3 * HOUR, NOW), Idle(Use.IDLE, Witness.ACTIVITY, NOW - 3 * HOUR)),
        (Activity(NOW - 3 * HOUR, NOW - 3 * HOUR), Idle(Use.IDLE, Witness.ACTIVITY, NOW - 3 * HOUR)),
        (Activity(NOW - MINUTE, NOW - 2 * MINUTE), Idle(Use.IN_USE, Witness.ACTIVITY, NOW - MINUTE)),
        (Activity(NOW - MINUTE, NOW - MINUTE), Idle(Use.UNKNOWN, Witness.CHECKED)),
    ],
)
def test_a_health_check_is_not_taken_for_a_user(activity: Activity, idle: Idle) -> None:
    assert judge_app(app(5 * HOUR), activity, NOW) == idle


def test_an_app_that_was_just_made_is_not_called_used_nor_idle() -> None:
    made = app(10 * MINUTE)
    assert judge_app(made, Activity(made.created, None), NOW) == Idle(Use.UNKNOWN, Witness.NEW)


@pytest.fixture
def replies(server: Replies) -> Replies:
    server.said = {}
    server.asked.clear()
    return server


@pytest.fixture
def told(replies: Replies) -> Cloud:
    return Cloud(DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", replies.url, "key", "secret"), REGION)


def result(identity: str, *values: tuple[datetime, float]) -> dict[str, Any]:
    return {"Id": identity, "Timestamps": [at for at, _ in values], "Values": [value for _, value in values]}


def test_the_last_hour_with_an_invocation_of_any_variant_counts(told: Cloud, replies: Replies) -> None:
    busy, quiet = endpoint("busy", variants=("a", "b")), endpoint("quiet")
    starting = Endpoint("new", "arn:new", REGION, EndpointStatus.CREATING, NOW, NOW)
    hours = [HOUR_NOW - timedelta(hours=ago) for ago in range(10)]
    replies.said["GetMetricData"] = [
        {
            "MetricDataResults": [result("m0", (hours[3], 0.0), (hours[8], 2.0)), result("m1", (hours[4], 1.0))],
            "NextToken": "more",
        },
        {"MetricDataResults": [result("m0", (hours[9], 7.0)), result("m2")]},
    ]
    found = idleness.read_invocations(told, [busy, quiet, starting], NOW)
    assert found == {
        "arn:busy": Idle(Use.IDLE, Witness.INVOCATIONS, hours[3]),
        "arn:quiet": Idle(Use.IDLE, Witness.INVOCATIONS, NOW - LOOK_BACK),
    }
    assert replies.asked == ["GetMetricData"] * 2


def test_five_hundred_metrics_travel_in_one_call(told: Cloud, replies: Replies) -> None:
    replies.said["GetMetricData"] = {"MetricDataResults": [result("m0", (HOUR_NOW, 1.0))]}
    found = idleness.read_invocations(told, [endpoint(f"e{at}") for at in range(501)], NOW)
    assert len(replies.asked) == 2
    assert {arn for arn, idle in found.items() if idle.use is Use.IN_USE} == {"arn:e0", "arn:e500"}


def test_where_nothing_serves_nothing_is_asked(told: Cloud, replies: Replies) -> None:
    assert idleness.read_invocations(told, [], NOW) == {}
    assert idleness.read_activity(told, [app(HOUR, "Pending")], NOW) == {}
    assert replies.asked == []


def test_an_app_that_went_meanwhile_is_left_out(told: Cloud, replies: Replies) -> None:
    replies.said["DescribeApp"] = (400, "ResourceNotFound")
    assert idleness.read_activity(told, [app(HOUR)], NOW) == {}


def test_practice_counts_what_was_invoked(practice: Account) -> None:
    cloud = Cloud(
        DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", practice.url, practice.access_key, practice.secret_key),
        REGION,
    )
    now = practice.clock()
    at = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    dimensions = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "AllTraffic"}]
    practice.client("cloudwatch").put_metric_data(
        Namespace="AWS/SageMaker",
        MetricData=[{"MetricName": "Invocations", "Dimensions": dimensions, "Timestamp": at, "Value": 3.0}],
    )
    found = idleness.read_invocations(cloud, [endpoint("e")], now)
    assert found == {"arn:e": Idle(Use.IDLE, Witness.INVOCATIONS, at + HOUR)}
