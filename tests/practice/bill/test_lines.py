"""What each hour of a resource's life is billed: nothing lost, nothing twice, in AWS's words."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice import figures
from practice.bill.lines import Line, line_items
from practice.bill.listings import description
from practice.bill.periods import Piece, bounds, month_of, months_of, next_month, split
from practice.bill.usage_types import UsageType
from practice.usage import usage
from tests.practice.bill.ledgers import REGION, TAGS, Ledger, at, notebook, write

NOW = at(3, 2, 12, 30)
HELD_BY_ALL = {"InstanceType": "ml.m5.large", "VolumeSizeInGB": 7}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path, NOW)
    yield made
    made.store.close()


def hourly(ledger: Ledger) -> list[Line]:
    return line_items(ledger.world, NOW, bounds(at(1, 1), at(4, 1), "HOURLY"))


def check_against_usage(ledger: Ledger) -> None:
    """Line by line and exactly: amounts by part, and what they cost."""
    amounts: dict[str, Counter[Any]] = defaultdict(Counter)
    lines = hourly(ledger)
    for line in lines:
        amounts[line.about.resource.rpartition("/")[2]][line.about.usage_type] += line.amount
    for row in usage(ledger.world):
        by_type = amounts.pop(row["name"].rpartition("/")[2].lower(), Counter())
        said = {part: Decimal(each["usd"]) for part, each in row["parts"].items()}
        costs = {
            part: sum((kind.cost(n) for kind, n in by_type.items() if kind.part == part), Decimal(0)) for part in said
        }
        assert costs == said
        assert Decimal(row["usd"]) == sum(said.values(), Decimal(0))
    assert not amounts
    whole = sum((Decimal(row["usd"]) for row in usage(ledger.world)), Decimal(0))
    assert abs(sum((line.cost for line in lines), Decimal(0)) - whole) < Decimal("1e-20")


def test_a_notebook_started_and_stopped_across_hours_and_month_ends(ledger: Ledger) -> None:
    notebook(
        ledger.store,
        "Nb",
        (at(1, 31, 22, 10, 7), "create", "Pending"),
        (at(1, 31, 22, 10, 17), "started", "InService"),
        (at(2, 1, 1, 5), "stop", "Stopping"),
        (at(2, 1, 1, 5, 5), "stopped", "Stopped"),
        (at(2, 1, 1, 40), "start", "Pending"),
        (at(2, 1, 1, 40, 10), "started", "InService"),
        (at(2, 28, 23, 59, 59), "stop", "Stopping"),
        (at(3, 1, 0, 0, 4), "stopped", "Stopped"),
    )
    check_against_usage(ledger)
    lines = hourly(ledger)
    instance = [line for line in lines if line.about.usage_type.part == "instance"]
    assert [line.start for line in instance[:4]] == [at(1, 31, 22), at(1, 31, 23), at(2, 1), at(2, 1, 1)]
    assert instance[0].quantity * 3600 == pytest.approx(Decimal(3600 - 617))
    assert instance[1].quantity == 1
    # Stopped and started again within the hour: one line.
    assert instance[3].quantity * 60 == pytest.approx(Decimal(5 + 20) - Decimal(10) / 60)
    assert instance[-1].start == at(2, 28, 23)
    assert {line.end - line.start for line in lines} == {timedelta(hours=1)}
    about = instance[0].about
    assert about.resource == f"arn:aws:sagemaker:{REGION}:123456789012:notebook-instance/nb"
    assert about.tags == (("team", "ml"),)
    assert (about.usage_type.code, about.usage_type.unit) == ("APN2-Notebk:ml.t3.medium", "Hrs")
    assert instance[1].cost == figures.usd_per_hour(REGION, "notebook", "ml.t3.medium")
    storage = {line.about.usage_type for line in lines} - {about.usage_type}
    assert {(kind.code, kind.unit) for kind in storage} == {("APN2-Notebk:VolumeUsage.gp2", "GB-Mo")}
    last = [line for line in lines if line.about.usage_type in storage][-1]
    assert last.start == at(3, 2, 12)
    assert last.quantity == pytest.approx(Decimal(5) / 730 / 2)


def test_a_gone_resource(ledger: Ledger) -> None:
    life = [("create", "Pending"), ("started", "InService"), ("stop", "Stopping"), ("stopped", "Stopped")]
    moves = [(at(2, 3, 4, n), event, state) for n, (event, state) in enumerate(life)]
    notebook(
        ledger.store, "gone", *moves, (at(2, 3, 4, 8), "delete", "Deleting"), (at(2, 3, 4, 9), "deleted", "(gone)")
    )
    check_against_usage(ledger)
    amounts = {line.about.usage_type.part: line.amount for line in hourly(ledger)}
    assert amounts == {"instance": 60_000_000, "storage": 8 * 60_000_000 * 5}
    notebook(ledger.store, "gone", (at(2, 3, 4, 30), "create", "Stopped"), (at(2, 3, 4, 31), "deleted", "(gone)"))
    assert sum(line.amount for line in hourly(ledger)) == (1 + 9 * 5) * 60_000_000


def endpoint(ledger: Ledger) -> None:
    def variant(kind: str, count: int, volume: int | None = None) -> dict[str, Any]:
        return {"InstanceType": kind, "Count": count, "VolumeSizeInGB": volume}

    write(ledger.store,
        "endpoint",
        "serve",
        (at(2, 10), "create", "Creating", {"Variants": [variant("ml.m5.large", 2, 10)], "Tags": []}),
        (at(2, 10, 0, 0, 10), "created", "InService", {}),
        (at(2, 11, 6, 30), "update", "Updating", {}),
        (at(2, 11, 6, 40), "updated", "InService",
         {"Variants": [variant("ml.m5.large", 1, 10), variant("ml.m5.xlarge", 3)]}),
        (at(2, 27), "delete", "Deleting", {}),
    )  # fmt: skip


def test_an_endpoint_of_two_variants(ledger: Ledger) -> None:
    endpoint(ledger)
    check_against_usage(ledger)
    changed = {line.about.usage_type.code: line for line in hourly(ledger) if line.start == at(2, 11, 6)}
    assert changed["APN2-Host:ml.m5.large"].quantity == pytest.approx(Decimal(2 * 40 + 20) / 60)
    assert changed["APN2-Host:ml.m5.xlarge"].quantity == pytest.approx(Decimal(3 * 20) / 60)
    assert changed["APN2-Host:VolumeUsage.gp2"].quantity == pytest.approx(Decimal(20 * 40 + 10 * 20) / 60 / 730)


def job(ledger: Ledger, name: str, *, spot: bool = False, billable: int | None = 5400, tagged: bool = False) -> None:
    request = {
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30},
        "EnableManagedSpotTraining": spot,
    }
    events: list[tuple[datetime, str, str, dict[str, Any]]] = [
        (at(2, 28, 23), "create", "InProgress", {"Request": request, "Tags": TAGS}),
        (at(2, 28, 23, 10), "begin", "InProgress", {"TrainingStartTime": at(2, 28, 23, 10).isoformat()}),
    ]
    if tagged:
        events.append((at(2, 28, 23, 40), "tag", "InProgress", {"Tags": []}))
    if billable is not None:
        spent = {"BillableTimeInSeconds": billable, "TrainingEndTime": at(3, 2).isoformat()}
        events.append((at(3, 2), "complete", "Completed", spent))
        events.append((at(3, 2, 1), "delete", "(gone)", {}))
    write(ledger.store, "training-job", name, *events)


def test_a_training_job_bills_its_own_seconds_from_its_start_on(ledger: Ledger) -> None:
    job(ledger, "train", tagged=True)
    check_against_usage(ledger)
    lines = [line for line in hourly(ledger) if line.about.usage_type.code == "APN2-Train:ml.m5.large"]
    assert [line.start for line in lines] == [at(2, 28, 23), at(2, 28, 23), at(3, 1)]
    assert [float(line.quantity * 60) for line in lines] == pytest.approx([2 * 30, 2 * 20, 2 * 40])
    assert [line.about.tags for line in lines] == [(("team", "ml"),), (), ()]


def test_managed_spot_training_has_a_usage_type_of_its_own(ledger: Ledger) -> None:
    job(ledger, "spot", spot=True)
    check_against_usage(ledger)
    lines = hourly(ledger)
    assert {line.about.usage_type.code for line in lines} == {"APN2-TrSpt:ml.m5.large", "APN2-Train:VolumeUsage.gp2"}
    assert {line.about.usage_type.usd for line in lines if line.about.usage_type.part == "instance"} == {
        figures.usd_per_hour(REGION, "training", "ml.m5.large")
    }


def test_a_job_that_never_trained_bills_nothing_and_one_that_ends_later_bills_to_the_moment(ledger: Ledger) -> None:
    job(ledger, "never", billable=None)
    assert hourly(ledger) == []
    job(ledger, "later", billable=24 * 3600)
    lines = line_items(ledger.world, at(3, 1, 0, 30), bounds(at(3, 1), at(3, 2), "HOURLY"))
    assert [line.quantity for line in lines if line.about.usage_type.part == "instance"] == [1]


def test_studio_in_the_words_of_the_price_list(ledger: Ledger) -> None:
    for kind, type_ in (("JupyterLab", "ml.t3.medium"), ("KernelGateway", "ml.m5.large"), ("JupyterServer", "system")):
        document = {"AppType": kind, "ResourceSpec": {"InstanceType": type_}}
        write(ledger.store,
            "studio-app", f"d-1/kim/{kind}/default",
            (at(2, 1), "create", "Pending", document), (at(2, 1, 0, 0, 10), "started", "InService", {}),
        )  # fmt: skip
    write(ledger.store,
        "studio-space", "d-1/lab",
        (at(2, 1), "create", "Pending", {"VolumeGiB": 20}), (at(2, 1, 0, 0, 10), "created", "InService", {}),
    )  # fmt: skip
    first = {line.about.usage_type.code: line.about.resource for line in hourly(ledger)}
    arn = f"arn:aws:sagemaker:{REGION}:123456789012:"
    assert first == {
        "APN2-Studio:JupyterLab-ml.t3.medium": f"{arn}app/d-1/kim/jupyterlab/default",
        "APN2-Studio:KernelGateway-ml.m5.large": f"{arn}app/d-1/kim/kernelgateway/default",
        "APN2-Studio:VolumeUsage.gp3": f"{arn}space/d-1/lab",
    }


def test_what_has_no_rate_is_billed_at_none_and_says_how_much_it_was(ledger: Ledger) -> None:
    for region in ("sa-east-1", "mx-central-1"):
        write(ledger.store,
            "studio-space", "d-1/lab",
            (at(3, 1), "create", "Pending", {"VolumeGiB": 20}), (at(3, 1, 1), "created", "InService", {}),
            region=region,
        )  # fmt: skip
    write(ledger.store,
        "notebook-instance", "odd",
        (at(3, 1, 1), "create", "InService", {"InstanceType": "ml.none.large", "VolumeSizeInGB": 0}),
    )  # fmt: skip
    found = {line.about.usage_type.code: (line.quantity > 0, line.cost > 0) for line in hourly(ledger)}
    assert found == {
        "SAE1-Studio:VolumeUsage.gp3": (True, False),
        "mx-central-1-Studio:VolumeUsage.gp3": (True, False),
        "APN2-Notebk:ml.none.large": (True, False),
    }


def test_tags_hold_from_when_they_are_set(ledger: Ledger) -> None:
    document = {**HELD_BY_ALL, "Tags": TAGS}
    write(ledger.store,
        "notebook-instance", "nb",
        (at(2, 1), "create", "InService", document),
        (at(2, 1, 0, 15), "tag", "InService", {"Tags": [*TAGS, {"Key": "Cost Center", "Value": "7"}]}),
        (at(2, 1, 1), "stop", "Stopped", {}),
    )  # fmt: skip
    check_against_usage(ledger)
    lines = [line for line in hourly(ledger) if line.about.usage_type.part == "instance"]
    assert [(line.about.tags, line.quantity) for line in lines] == [
        ((("team", "ml"),), Decimal("0.25")),
        ((("Cost Center", "7"), ("team", "ml")), Decimal("0.75")),
    ]


def test_nothing_after_the_moment_counts(ledger: Ledger) -> None:
    endpoint(ledger)
    until = at(2, 11, 6, 35)
    lines = line_items(ledger.world, until, bounds(at(2, 1), at(3, 1), "HOURLY"))
    assert max(line.end for line in lines) == at(2, 11, 7)
    assert {line.about.usage_type.instance_type for line in lines} == {"ml.m5.large", None}
    assert line_items(ledger.world, at(2, 9), bounds(at(2, 1), at(3, 1), "HOURLY")) == []


def test_a_month_that_is_over_is_billed_the_same_whenever_it_is_asked_for(ledger: Ledger) -> None:
    endpoint(ledger)
    job(ledger, "train")
    notebook(ledger.store, "nb", (at(1, 20), "create", "InService"), (at(3, 2, 3), "stop", "Stopped"))
    between = bounds(at(2, 1), at(3, 1), "HOURLY")
    closed = line_items(ledger.world, NOW, between)
    assert closed
    assert line_items(ledger.world, at(3, 2, 2), between) == closed
    notebook(ledger.store, "new", (at(3, 5), "create", "InService"))
    assert line_items(ledger.world, at(9, 1), between) == closed


@pytest.mark.parametrize(
    ("code", "usd", "words"),
    [
        ("APN2-TrSpt:ml.m5.large", "0.1", "$0.1 per TrSpt ml.m5.large hour in Asia Pacific (Seoul)"),
        ("APN2-Studio:KernelGateway-ml.m5.large", "0.1",
         "$0.1 per Studio:KernelGateway ml.m5.large hour in Asia Pacific (Seoul)"),
        ("APN2-Host:ml.m5.large", "0", "No rate of APN2-Host:ml.m5.large in Asia Pacific (Seoul) is known here"),
    ],
)  # fmt: skip
def test_a_rate_in_words(code: str, usd: str, words: str) -> None:
    assert description(UsageType(code, REGION, "instance", "ml.m5.large", Decimal(usd))) == words


MOMENTS = st.datetimes(datetime(2027, 1, 1), datetime(2027, 3, 31), timezones=st.just(UTC))  # noqa: DTZ001
PIECES = st.lists(st.tuples(MOMENTS, MOMENTS, st.integers(1, 100)).map(lambda p: (min(p[:2]), max(p[:2]), p[2])))


def plainly(pieces: list[Piece], start: datetime, end: datetime) -> int:
    microsecond = timedelta(microseconds=1)
    return sum(
        count * max(min(ended, end) - max(begun, start), timedelta(0)) // microsecond for begun, ended, count in pieces
    )


@given(PIECES, st.sampled_from(["HOURLY", "DAILY", "MONTHLY"]))
def test_the_sum_of_the_pieces_is_the_whole_and_each_lies_in_its_period(pieces: list[Piece], step: str) -> None:
    between = bounds(at(1, 1), at(4, 1), step)
    amounts = split(pieces, between)
    assert sum(amounts) == plainly(pieces, at(1, 1), at(4, 1))
    periods = list(pairwise(between))
    assert all(next_month(start) >= end for start, end in periods)
    assert step == "MONTHLY" or {end - start for start, end in periods} <= {timedelta(hours=1), timedelta(days=1)}
    touched = [(pair, n) for pair, n in zip(periods, amounts, strict=True) if n][:5]
    assert all(n == plainly(pieces, start, end) for (start, end), n in touched)


@given(PIECES, MOMENTS)
def test_what_is_asked_for_a_part_is_that_part(pieces: list[Piece], middle: datetime) -> None:
    whole = split(pieces, [at(1, 1), at(4, 1)])
    assert sum(whole) == sum(split(pieces, [at(1, 1), middle])) + sum(split(pieces, [middle, at(4, 1)]))


def test_months() -> None:
    assert month_of(at(12, 31, 23)) == at(12, 1)
    assert next_month(at(12, 31, 23)) == at(13, 1)
    assert months_of(at(11, 30, 23), at(13, 1)) == [at(11, 1), at(12, 1)]
    assert months_of(at(11, 30, 23), at(13, 1, 1)) == [at(11, 1), at(12, 1), at(13, 1)]
    assert bounds(at(11, 30), at(13, 2), "MONTHLY") == [at(11, 30), at(12, 1), at(13, 1), at(13, 2)]
