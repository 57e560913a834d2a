"""Cost Explorer as any AWS client sees it: sums by period and group, filters, pages, values, forecasts, refusals."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import NormalDist, mean, stdev
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import figures
from practice.bill import cost_explorer
from practice.bill.periods import next_month
from practice.usage import usage
from tests.practice.bill.ledgers import REGION, notebook, write
from tests.support.local_account import Local

DAY = timedelta(days=1)
Row = dict[str, Any]
INSTANCE, VOLUME = "APN2-Notebk:ml.t3.medium", "APN2-Notebk:VolumeUsage.gp2"
HOUR_USD = figures.usd_per_hour(REGION, "notebook", "ml.t3.medium")


class Costs:
    """An account with a bill: two notebook instances, an endpoint and one notebook instance elsewhere, from the first
    of a month on; it is the tenth, at noon."""

    def __init__(self, local: Local) -> None:
        self.local = local
        self.born = local.world.clock.now()
        self.month = next_month(self.born)
        local.advance(seconds=(self.month + 9 * DAY + DAY / 2 - self.born).total_seconds())
        store, begun = local.world.store, self.month + timedelta(hours=6)
        notebook(store, "a", (begun, "create", "InService"), (self.month + 5 * DAY, "stop", "Stopped"))
        other = [{"Key": "team", "Value": "risk"}, {"Key": "Owner", "Value": "Kim"}]
        notebook(store, "b", (self.month + 2 * DAY, "create", "InService"), Tags=other)
        notebook(store, "far", (begun, "create", "InService"), region="us-east-1", Tags=[])
        variant = {"InstanceType": "ml.m5.large", "Count": 2, "VolumeSizeInGB": None}
        document = {"Variants": [variant], "Tags": []}
        write(store, "endpoint", "serve", (self.month + 3 * DAY, "create", "InService", document))
        self.client = local.client("ce", "us-east-1")

    def ask(self, start: datetime, end: datetime, granularity: str = "DAILY", **more: Any) -> Row:
        more.setdefault("Metrics", ["UnblendedCost"])
        found: Row = self.client.get_cost_and_usage(
            TimePeriod=period(start, end, granularity), Granularity=granularity, **more
        )
        return found

    def total(self, **more: Any) -> Decimal:
        [row] = self.ask(self.month, self.month + 10 * DAY, "MONTHLY", **more)["ResultsByTime"]
        return Decimal(row["Total"]["UnblendedCost"]["Amount"])

    def groups(self, *keys: str, **more: Any) -> dict[tuple[str, ...], Row]:
        """Of the month so far; keys are dimensions, or tags behind a `$`."""
        by = [
            {"Type": "TAG", "Key": key[1:]} if key.startswith("$") else {"Type": "DIMENSION", "Key": key}
            for key in keys
        ]
        [row] = self.ask(self.month, self.month + 10 * DAY, "MONTHLY", GroupBy=by, **more)["ResultsByTime"]
        return {tuple(group["Keys"]): group["Metrics"] for group in row["Groups"]}


def period(start: datetime, end: datetime, granularity: str = "DAILY") -> dict[str, str]:
    form = "%Y-%m-%dT%H:00:00Z" if granularity == "HOURLY" else "%Y-%m-%d"
    return {"Start": f"{start:{form}}", "End": f"{end:{form}}"}


@pytest.fixture(scope="module")
def costs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Costs]:
    local = Local(tmp_path_factory.mktemp("costs") / "home")
    yield Costs(local)
    local.account.close()


def refused(call: Callable[..., Any], *given: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*given, **request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_days_months_and_hours_add_up_to_what_the_account_says_that_it_used(costs: Costs) -> None:
    now: datetime = costs.local.world.clock.now()
    days = costs.ask(costs.month, costs.month + 10 * DAY)["ResultsByTime"]
    assert [row["TimePeriod"]["Start"] for row in days] == [f"{costs.month + n * DAY:%Y-%m-%d}" for n in range(10)]
    said = sum((Decimal(row["Total"]["UnblendedCost"]["Amount"]) for row in days), Decimal(0))
    assert all(row["Groups"] == [] and row["Estimated"] for row in days)
    used = sum((Decimal(row["usd"]) for row in usage(costs.local.world)), Decimal(0))
    seconds = (costs.local.world.clock.now() - now).total_seconds()
    assert abs(float(said - used)) < 0.001 * seconds  # less than a dollar in a quarter of an hour runs here
    [month] = costs.ask(costs.month, next_month(costs.month), "MONTHLY")["ResultsByTime"]
    assert Decimal(month["Total"]["UnblendedCost"]["Amount"]) == pytest.approx(said, abs=Decimal("0.001"))
    first = costs.ask(costs.month, costs.month + DAY, "HOURLY")["ResultsByTime"]
    amounts = [Decimal(row["Total"]["UnblendedCost"]["Amount"]) for row in first]
    assert len(amounts) == 24
    assert not any(amounts[:6])
    assert abs(sum(amounts) - Decimal(days[0]["Total"]["UnblendedCost"]["Amount"])) < Decimal("1e-12")
    assert first[1]["TimePeriod"] == period(
        costs.month + timedelta(hours=1), costs.month + timedelta(hours=2), "HOURLY"
    )


def test_a_month_begins_and_ends_where_it_is_asked_for_and_is_estimated_until_it_is_over(costs: Costs) -> None:
    start = costs.born.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = costs.ask(start, costs.month + 2 * DAY, "MONTHLY")["ResultsByTime"]
    assert [row["TimePeriod"] for row in rows] == [
        period(start, costs.month),
        period(costs.month, costs.month + 2 * DAY),
    ]
    assert [row["Estimated"] for row in rows] == [False, True]
    assert rows[0]["Total"] == {"UnblendedCost": {"Amount": "0", "Unit": "USD"}}
    [late] = costs.ask(costs.month + 9 * DAY, next_month(costs.month), "MONTHLY")["ResultsByTime"]
    assert Decimal(late["Total"]["UnblendedCost"]["Amount"]) > 0


def test_metrics(costs: Costs) -> None:
    names = ["UnblendedCost", "BlendedCost", "AmortizedCost", "NetUnblendedCost", "NetAmortizedCost"]
    found = costs.groups("USAGE_TYPE", Metrics=[*names, "UsageQuantity", "NormalizedUsageAmount"])
    instance = found[INSTANCE,]
    assert len({instance[name]["Amount"] for name in names}) == 1
    quantity = Decimal(instance["UsageQuantity"]["Amount"])
    now: datetime = costs.local.world.clock.now()
    assert float(quantity) == pytest.approx(114 + (now - costs.month - 2 * DAY) / timedelta(hours=1), abs=0.1)
    assert instance["UsageQuantity"]["Unit"] == "Hrs"
    assert Decimal(instance["UnblendedCost"]["Amount"]) == pytest.approx(quantity * HOUR_USD)
    assert found[VOLUME,]["UsageQuantity"]["Unit"] == "GB-Mo"
    assert instance["NormalizedUsageAmount"] == {"Amount": "0", "Unit": "N/A"}
    [row] = costs.ask(costs.month, costs.month + DAY, Metrics=["UsageQuantity"])["ResultsByTime"]
    assert row["Total"]["UsageQuantity"]["Unit"] == "N/A"


def test_groups_by_dimension_and_tag(costs: Costs) -> None:
    assert set(costs.groups("USAGE_TYPE")) == {
        (INSTANCE,), (VOLUME,), ("APN2-Host:ml.m5.large",), ("USE1-Notebk:ml.t3.medium",),
        ("USE1-Notebk:VolumeUsage.gp2",),
    }  # fmt: skip
    assert set(costs.groups("REGION", "$team")) == {
        (REGION, "team$ml"), (REGION, "team$risk"), (REGION, "team$"), ("us-east-1", "team$"),
    }  # fmt: skip
    assert set(costs.groups("INSTANCE_TYPE")) == {("ml.t3.medium",), ("ml.m5.large",), ("NoInstanceType",)}
    assert set(costs.groups("INSTANCE_TYPE_FAMILY")) == {("t3",), ("m5",), ("NoInstanceTypeFamily",)}
    same = ("SERVICE", "PURCHASE_TYPE", "LINKED_ACCOUNT", "RECORD_TYPE", "OPERATION")
    assert [next(iter(costs.groups(key)))[0] for key in same] == [
        "Amazon SageMaker", "On Demand Instances", "123456789012", "Usage", "RunInstance",
    ]  # fmt: skip
    by_team = costs.groups("$team")
    whole = sum(Decimal(each["UnblendedCost"]["Amount"]) for each in by_team.values())
    assert whole == pytest.approx(costs.total(), abs=Decimal("0.001"))
    category = {"Type": "COST_CATEGORY", "Key": "Unit"}
    found = costs.ask(costs.month, costs.month + DAY, GroupBy=[category])
    assert found["GroupDefinitions"] == [category]
    assert [group["Keys"] for group in found["ResultsByTime"][0]["Groups"]] == [["Unit$"]]
    assert found["ResultsByTime"][0]["Total"] == {}
    account = costs.ask(
        costs.month, costs.month + DAY, GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]
    )["DimensionValueAttributes"]  # fmt: skip
    assert account == [{"Value": "123456789012", "Attributes": {"description": "practice"}}]
    before = {"Dimensions": {"Key": "REGION", "Values": ["eu-west-1"]}}
    [nothing] = costs.ask(costs.month, costs.month + DAY, GroupBy=[category], Filter=before)["ResultsByTime"]
    assert (nothing["Groups"], nothing["Total"]["UnblendedCost"]["Amount"]) == ([], "0")


def dims(key: str, *values: str, options: list[str] | None = None) -> Row:
    return {"Dimensions": {"Key": key, "Values": list(values), **({"MatchOptions": options} if options else {})}}


def tags(key: str, *values: str, options: list[str] | None = None) -> Row:
    found = dims(key, *values, options=options)
    return {"Tags": found["Dimensions"]}


T3, ML = dims("INSTANCE_TYPE", "ml.t3.medium"), tags("team", "ml")


@pytest.mark.parametrize(
    ("expression", "kept"),
    [
        (T3, {"a", "b", "far"}),
        ({"And": [T3, ML]}, {"a"}),
        ({"Or": [ML, dims("REGION", "us-east-1")]}, {"a", "far"}),
        ({"Not": {"Or": [ML, tags("team", "risk")]}}, {"far", "serve"}),
        ({"And": [T3, {"Not": ML}, {"Or": [ML, dims("REGION", REGION, "eu-west-1")]}]}, {"b"}),
        (tags("team", "ri", options=["STARTS_WITH"]), {"b"}),
        (tags("team", "SK", options=["ENDS_WITH", "CASE_INSENSITIVE"]), {"b"}),
        (tags("team", "is", options=["CONTAINS"]), {"b"}),
        (tags("team", "RISK", options=["EQUALS", "CASE_SENSITIVE"]), set()),
        ({"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}}, {"far", "serve"}),
        (tags("team", ""), {"far", "serve"}),
        ({"CostCategories": {"Key": "Unit", "MatchOptions": ["ABSENT"]}}, {"a", "b", "far", "serve"}),
        ({"CostCategories": {"Key": "Unit", "Values": ["x"]}}, set()),
        (dims("SERVICE", "Amazon SageMaker"), {"a", "b", "far", "serve"}),
        (dims("SERVICE", "Amazon Elastic Compute Cloud - Compute"), set()),
        (dims("RESOURCE_ID", f"arn:aws:sagemaker:{REGION}:123456789012:endpoint/serve"), {"serve"}),
    ],
)
def test_a_filter_keeps_what_it_means(costs: Costs, expression: Row, kept: set[str]) -> None:
    found = costs.client.get_cost_and_usage_with_resources(
        TimePeriod=period(costs.month, costs.month + 10 * DAY),
        Granularity="MONTHLY",
        Metrics=["UnblendedCost"],
        Filter=expression,
        GroupBy=[{"Type": "DIMENSION", "Key": "RESOURCE_ID"}],
    )
    groups = [group for row in found["ResultsByTime"] for group in row["Groups"]]
    assert {group["Keys"][0].rpartition("/")[2] for group in groups} == kept
    if "RESOURCE_ID" not in str(expression):
        whole = sum((Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for group in groups), Decimal(0))
        assert costs.total(Filter=expression) == pytest.approx(whole, abs=Decimal("0.001"))


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ({}, "ValidationException"),
        ({**T3, **ML}, "ValidationException"),
        ({"And": [T3]}, "ValidationException"),
        (dims("SERVICE"), "ValidationException"),
        (tags("team", "ml", options=["GREATER_THAN_OR_EQUAL"]), "ValidationException"),
        (dims("RESOURCE_ID", "x"), "ValidationException"),
        (dims("COLOUR", "red"), "ValidationException"),
        (dims("TENANCY", "shared"), "NotImplemented"),
        ({"ProductAttributes": {"Key": "x", "Values": ["y"]}}, "NotImplemented"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(costs: Costs, expression: Row, code: str) -> None:
    assert refused(costs.ask, costs.month, costs.month + DAY, Filter=expression)[0] == code


def test_pages_hold_whole_periods(costs: Costs, monkeypatch: pytest.MonkeyPatch) -> None:
    by = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
    asked: Row = {"GroupBy": by}
    whole = costs.ask(costs.month, costs.month + 9 * DAY, **asked)
    assert "NextPageToken" not in whole
    monkeypatch.setattr(cost_explorer, "PAGE", 9)
    rows, token = [], None
    for _ in range(9):
        found = costs.ask(costs.month, costs.month + 9 * DAY, **asked, **({"NextPageToken": token} if token else {}))
        assert 1 <= len(found["ResultsByTime"]) <= 2
        rows += found["ResultsByTime"]
        token = found.get("NextPageToken")
        if token is None:
            break
    assert rows == whole["ResultsByTime"]
    found = costs.ask(costs.month, costs.month + 9 * DAY, **asked)
    other = refused(costs.ask, costs.month, costs.month + 8 * DAY, **asked, NextPageToken=found["NextPageToken"])
    assert other[0] == "RequestChangedException"
    bad = refused(costs.ask, costs.month, costs.month + 8 * DAY, **asked, NextPageToken="nonsense")
    assert bad[0] == "InvalidNextTokenException"


@pytest.mark.parametrize(
    ("start", "end", "granularity", "words"),
    [
        (1, 1, "DAILY", "Start date (and hour) should be before end date (and hour)"),
        (3, 1, "MONTHLY", "Start date (and hour) should be before end date (and hour)"),
        (0, 40, "DAILY", "end date past the beginning of next month"),
        (-6, 3, "HOURLY", "start date is too old for hourly, the max supported days for hourly granularity is 14 days"),
    ],
)
def test_a_period_that_cannot_be_asked_for(costs: Costs, start: int, end: int, granularity: str, words: str) -> None:
    said = refused(costs.ask, costs.month + start * DAY, costs.month + end * DAY, granularity)
    assert said == ("ValidationException", words)


def test_before_its_first_day_the_account_has_no_data(costs: Costs) -> None:
    first = costs.born.replace(hour=0, minute=0, second=0, microsecond=0)
    code, _ = refused(costs.ask, first - 3 * DAY, first)
    assert code == "DataUnavailableException"
    assert costs.ask(first - 3 * DAY, first + DAY)["ResultsByTime"]


def test_what_a_request_must_be(costs: Costs) -> None:
    days = (costs.month, costs.month + DAY)
    three = [{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", "REGION", "OPERATION")]
    wrong: tuple[Row, ...] = (
        {"Metrics": ["Elegance"]},
        {"Metrics": []},
        {"GroupBy": three},
        {"GroupBy": [{"Key": "SERVICE"}]},
        {"GroupBy": [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]},
    )
    for more in wrong:
        assert refused(costs.ask, *days, **more)[0] == "ValidationException"
    grouped = {"GroupBy": [{"Type": "DIMENSION", "Key": "TENANCY"}]}
    assert refused(costs.ask, *days, **grouped)[0] == "NotImplemented"
    ask = costs.client.get_cost_and_usage
    for said in ("2026-13-01", "2026-01-01T00:00:00Z"):
        span = {"Start": said, "End": f"{costs.month:%Y-%m-%d}"}
        code, words = refused(ask, TimePeriod=span, Granularity="DAILY", Metrics=["UnblendedCost"])
        assert (code, words) == (
            "ValidationException", f"Start time {said} is invalid. Valid format is: yyyy-MM-dd.",
        )  # fmt: skip
    assert refused(costs.client.get_savings_plans_coverage, TimePeriod=period(*days))[0] == "NotImplemented"


def test_values_of_dimensions(costs: Costs) -> None:
    ask, days = costs.client.get_dimension_values, period(costs.month, costs.month + 10 * DAY)
    found = ask(TimePeriod=days, Dimension="USAGE_TYPE", SearchString="notebk")
    values = [each["Value"] for each in found["DimensionValues"]]
    assert values == [VOLUME, INSTANCE, "USE1-Notebk:VolumeUsage.gp2", "USE1-Notebk:ml.t3.medium"]
    assert (found["ReturnSize"], found["TotalSize"]) == (4, 4)
    first = ask(TimePeriod=days, Dimension="USAGE_TYPE", SearchString="notebk", MaxResults=3)
    assert (first["ReturnSize"], first["TotalSize"]) == (3, 4)
    rest = ask(TimePeriod=days, Dimension="USAGE_TYPE", SearchString="notebk", NextPageToken=first["NextPageToken"])
    assert [each["Value"] for each in rest["DimensionValues"]] == values[3:]
    by_cost = ask(TimePeriod=days, Dimension="USAGE_TYPE", SortBy=[{"Key": "UnblendedCost"}])
    assert by_cost["DimensionValues"][0]["Value"] == "APN2-Host:ml.m5.large"
    early = period(costs.month, costs.month + DAY)
    kept = ask(TimePeriod=early, Dimension="INSTANCE_TYPE", Filter=ML)["DimensionValues"]
    assert [each["Value"] for each in kept] == ["NoInstanceType", "ml.t3.medium"]
    [account] = ask(TimePeriod=days, Dimension="LINKED_ACCOUNT")["DimensionValues"]
    assert account == {"Value": "123456789012", "Attributes": {"description": "practice"}}
    assert ask(TimePeriod=days, Dimension="SERVICE", Context="RESERVATIONS")["DimensionValues"] == []
    bad = refused(ask, TimePeriod=days, Dimension="SERVICE", SortBy=[{"Key": "Beauty"}])
    assert bad[0] == "ValidationException"


def test_keys_and_values_of_tags(costs: Costs) -> None:
    ask, days = costs.client.get_tags, period(costs.month, costs.month + 10 * DAY)
    assert ask(TimePeriod=days)["Tags"] == ["Owner", "team"]
    assert ask(TimePeriod=days, TagKey="team")["Tags"] == ["", "ml", "risk"]
    assert ask(TimePeriod=days, TagKey="team", SearchString="RI")["Tags"] == ["risk"]
    assert ask(TimePeriod=period(costs.month, costs.month + DAY))["Tags"] == ["team"]


def test_a_forecast_is_the_mean_of_the_last_days_and_as_wide_as_they_are(costs: Costs) -> None:
    today = costs.month + 9 * DAY
    days = [
        Decimal(row["Total"]["UnblendedCost"]["Amount"])
        for row in costs.ask(costs.month + 2 * DAY, today)["ResultsByTime"]
    ]
    asked = {"TimePeriod": period(today, today + 4 * DAY), "Metric": "UNBLENDED_COST", "Granularity": "DAILY"}
    found = costs.client.get_cost_forecast(**asked, PredictionIntervalLevel=80)
    assert len(found["ForecastResultsByTime"]) == 4
    first = found["ForecastResultsByTime"][0]
    assert first["TimePeriod"] == period(today, today + DAY)
    assert Decimal(first["MeanValue"]) == pytest.approx(mean(days))
    assert Decimal(found["Total"]["Amount"]) == pytest.approx(4 * mean(days))
    away = Decimal(NormalDist().inv_cdf(0.9)) * stdev(days)
    assert Decimal(first["PredictionIntervalUpperBound"]) == pytest.approx(mean(days) + away)
    assert Decimal(first["PredictionIntervalLowerBound"]) == pytest.approx(max(mean(days) - away, Decimal(0)))
    monthly = {**asked, "Granularity": "MONTHLY", "TimePeriod": period(today, next_month(next_month(today)))}
    rows = costs.client.get_cost_forecast(**monthly)["ForecastResultsByTime"]
    assert [row["TimePeriod"]["End"] for row in rows] == [
        f"{next_month(today):%Y-%m-%d}", f"{next_month(next_month(today)):%Y-%m-%d}",
    ]  # fmt: skip
    assert "PredictionIntervalLowerBound" not in rows[0]
    nothing = costs.client.get_cost_forecast(**asked, Filter=dims("REGION", "eu-west-1"))
    assert nothing["Total"] == {"Amount": "0", "Unit": "USD"}
    for more in (
        {"Granularity": "HOURLY"},
        {"Metric": "USAGE_QUANTITY"},
        {"TimePeriod": period(today - DAY, today + DAY)},
        {"TimePeriod": period(today, today + 100 * DAY)},
    ):
        assert refused(costs.client.get_cost_forecast, **{**asked, **more})[0] == "ValidationException"


def test_an_account_of_today_has_nothing_to_forecast_from(local: Local) -> None:
    today = local.world.clock.now().astimezone(UTC)
    asked = {"TimePeriod": period(today, today + 4 * DAY), "Metric": "UNBLENDED_COST", "Granularity": "DAILY"}
    assert refused(local.client("ce").get_cost_forecast, **asked)[0] == "DataUnavailableException"
    local.advance(days=2)
    asked["TimePeriod"] = period(today + 2 * DAY, today + 4 * DAY)
    assert local.client("ce").get_cost_forecast(**asked)["Total"]["Amount"] == "0"
