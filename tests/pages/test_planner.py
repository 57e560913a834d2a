"""The planner: a sentence, figures, a picture and a table from a pattern, a history or a file, in both languages."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import planner_usages, session
from pages.ui.formats import ExchangeRate
from pages.ui.show import RATE_KEY
from pages.ui.text import unescape
from services.known import Inventory
from services.usage_traces import read_usage
from tests.support.deck_rows import notebook
from tests.support.screens import deck_at, opened, words

KOREAN = pytest.mark.parametrize("language", ["en", "ko"])


@pytest.fixture(scope="module", autouse=True)
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    with deck_at(tmp_path_factory.mktemp("planner") / "home") as desk:
        yield desk


def said(screen: AppTest) -> str:
    return unescape(words(screen))


def sentence(screen: AppTest) -> str:
    return unescape(screen.header[0].value)


def money(text: str) -> list[float]:
    return [float(each.replace(",", "")) for each in re.findall(r"\$([\d,]+\.\d\d)", text)]


@KOREAN
def test_a_pattern_is_planned_at_once(language: str) -> None:
    screen = opened("planner", language)
    assert not screen.error
    start = {"en": "Commit to $1.45 an hour for a year and save $", "ko": "최대 1년 동안 시간당 $1.45을 약정하면 월 $"}
    assert sentence(screen).startswith(start[language])
    assert len(screen.metric) == 4
    (table,) = screen.dataframe
    assert table.value["instance_type"].tolist() == ["g5.xlarge"] * 2
    assert screen.metric[0].value.startswith(r"\$")


def test_a_longer_commitment_saves_more_and_a_drop_is_said() -> None:
    one, three = opened("planner"), opened("planner", years="3")
    assert money(three.metric[0].value)[0] > money(one.metric[0].value)[0]
    assert "for up to 3 years" in sentence(three)
    gone = opened("planner", drop="95")
    assert re.search(r"If usage drops by 95% it would cost \$\d\d\d\.\d\d more than without", sentence(gone))


def test_reserved_instances_are_bought_whole_and_commands_are_given() -> None:
    screen = opened("planner", commit="reserved")
    assert "2 × g5.xlarge ap-northeast-2, Reserved: 1 year, all of it at once" in said(screen)
    (code,) = screen.code
    assert "aws ec2 purchase-reserved-instances-offering --region ap-northeast-2" in code.value
    assert "--instance-count 2" in code.value
    assert "by hours" in said(screen)


def test_what_can_be_exchanged_costs_more() -> None:
    fixed, exchangeable = (opened("planner", commit=each) for each in ("reserved", "convertible"))
    assert money(fixed.metric[0].value)[0] > money(exchangeable.metric[0].value)[0] > 0
    assert "--offering-class convertible" in exchangeable.code[0].value


@KOREAN
def test_nothing_that_saves_is_said_plainly(language: str) -> None:
    screen = opened("planner", language, commit="none")
    assert not screen.error
    assert {"en": "Stay without commitments", "ko": "절감되는 것이 없습니다"}[language] in sentence(screen)
    spot = opened("planner", language, commit="none", interruptible="50")
    assert {"en": "Commit to nothing", "ko": "스팟으로 실행하면"}[language] in sentence(spot)


def test_the_address_holds_everything_and_nonsense_in_it_is_brought_within() -> None:
    wild = opened("planner", type="m9.giant", pattern="x", peak="1e9", base="-4", years="9", pay="?", drop="nan")
    assert not wild.error
    assert wild.number_input[0].value == 1_000
    assert wild.number_input[1].value == 0
    chosen = opened("planner", peak="7", base="7", pattern="steady")
    chosen.number_input[0].set_value(9).run()
    assert chosen.query_params["peak"] == "9"
    assert "Commitments cover" in said(chosen)


def test_sagemaker_usage_is_covered_by_its_own_plan() -> None:
    screen = opened("planner", type="ml.g5.xlarge", pattern="steady", base="3")
    assert "SageMaker Savings Plan (all types and regions)" in said(screen)
    assert "assumption" in said(screen)
    assert "--plan-types SageMaker" in screen.code[0].value


@KOREAN
def test_what_was_seen_is_offered_when_there_is_some(desk: session.Desk, language: str) -> None:
    screen = opened("planner", language, usage="seen", region="us-east-1")
    assert {"en": "saw no instance run", "ko": "실행된 인스턴스가 없습니다"}[language] in said(screen)
    assert not screen.metric


def test_a_history_is_planned(desk: session.Desk) -> None:
    """A notebook instance that has been in service since long before the four weeks that count."""
    now = datetime.now(UTC)
    born = now - timedelta(days=60)
    row = replace(notebook(), created=born, changed=born)
    key, region = session.account_key(), "ap-northeast-2"
    desk.history.observe(key, Inventory(region=region, at=now, read_at={"notebooks": now}, notebooks=(row,)))
    screen = opened("planner", usage="seen")
    assert not screen.error
    assert "1 kind of instance over 672 hours" in said(screen)
    assert screen.dataframe[0].value["instance_type"].tolist() == ["ml.t3.medium · notebook"] * 2


ROWS = ["hour,instance_type,count", *(f"2026-11-02T{hour:02}:00Z,m5.large,{3 + hour % 2}" for hour in range(24))]


def uploaded(screen: AppTest, rows: Sequence[str]) -> AppTest:
    screen.file_uploader[0].upload("mine.csv", "\n".join(rows).encode(), "text/csv").run()
    assert not screen.exception
    return screen


@KOREAN
def test_a_file_is_planned(language: str) -> None:
    screen = opened("planner", language, usage="uploaded")
    assert not screen.error
    assert not screen.metric
    uploaded(screen, ROWS)
    assert screen.dataframe[0].value["instance_type"].tolist()[0] == "m5.large"


def test_the_dearest_type_comes_first_and_regions_are_named_where_they_differ() -> None:
    rows = [
        f"2026-11-02T0{hour}:00Z,{name},1,{component},{region}"
        for hour in range(4)
        for name, component, region in (("m5.large", "", "us-east-1"), ("ml.g5.xlarge", "hosting", ""))
    ]
    screen = uploaded(opened("planner", usage="uploaded"), [f"{ROWS[0]},component,region", *rows])
    assert screen.dataframe[0].value["instance_type"].tolist() == [
        "ml.g5.xlarge · hosting · ap-northeast-2",
        "m5.large · us-east-1",
    ]


def test_the_example_is_a_file_that_can_be_used() -> None:
    found = read_usage("example.csv", planner_usages.EXAMPLE.encode(), "ap-northeast-2")
    assert (found.hours, len(found.lines)) == (2, 2)


@KOREAN
def test_a_bad_row_is_named(language: str) -> None:
    screen = uploaded(opened("planner", language, usage="uploaded"), [*ROWS[:3], *ROWS[2:]])
    assert "Row 4: " in unescape(screen.error[0].value)
    assert not screen.metric


@KOREAN
def test_a_spot_job_is_a_range_with_its_deadline(language: str) -> None:
    screen = opened("planner", language, view="spot")
    assert not screen.error
    start = {"en": "Run it on spot in several zones for about $", "ko": "여러 영역의 스팟으로 "}
    assert sentence(screen).startswith(start[language])
    assert len(screen.metric) == 4
    (table,) = screen.dataframe
    assert len(table.value) == 3
    assert table.value["on_time_share"].tolist() == [1, 1, 1]
    assert (table.value["usd_p5"] <= table.value["usd_p95"]).all()
    assert "get-spot-placement-scores" in screen.code[0].value


def test_another_region_and_an_interval_of_ones_own() -> None:
    screen = opened("planner", view="spot", other="us-west-2", every="30", often="10")
    assert not screen.error
    assert len(screen.dataframe[0].value) == 4
    assert screen.metric[3].value == "30 min"


@KOREAN
def test_spot_is_refused_without_a_checkpoint_and_its_cost_is_said(language: str) -> None:
    screen = opened("planner", language, view="spot", checkpoint="no")
    (error,) = screen.error
    assert {"en": "from zero: $", "ko": "처음부터 다시 시작합니다. 평균 $"}[language] in unescape(error.value)
    assert money(unescape(error.value))
    assert not screen.metric
    endless = opened("planner", language, view="spot", checkpoint="no", work="700", deadline="744", instances="1000")
    assert {"en": "more than a year", "ko": "1년이 넘게"}[language] in endless.error[0].value


def test_checkpoints_closer_than_can_be_planned_are_said_in_place() -> None:
    screen = opened("planner", view="spot", work="700", deadline="744", every="1")
    assert "Checkpoints are at least 21.0 minutes apart" in screen.error[0].value
    assert not screen.metric


def test_in_won_the_axis_is_in_won_too() -> None:
    rate = ExchangeRate(Decimal(1400), date(2026, 11, 3), "test")
    screen = opened("planner", view="spot", currency="KRW")
    screen.session_state[RATE_KEY] = rate
    screen.run()
    assert not screen.error
    assert "₩" in screen.metric[0].value
    figure = json.loads(screen.get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["xaxis"]["title"]["text"] == "KRW"
    assert figure["layout"]["xaxis"]["range"][1] > 237.5 * 1400


def test_a_deadline_before_the_work_is_said_in_place() -> None:
    screen = opened("planner", view="spot", work="50", deadline="20")
    assert "The deadline is after 20 hours and the work alone takes 50" in screen.error[0].value
    assert "deadline_hours" in unescape(screen.error[0].value)


def test_a_tight_deadline_stays_on_demand() -> None:
    screen = opened("planner", view="spot", work="48", deadline="48")
    assert sentence(screen).startswith("Stay on demand for $")


def test_prices_of_ones_own_are_asked_for_and_checked() -> None:
    screen = opened("planner", view="spot", prices="uploaded", work="10", deadline="20")
    assert "Add a file" in screen.info[0].value
    prices = ["time,zone,usd_per_hour", *(f"2026-11-0{1 + h // 24}T{h % 24:02}:00Z,us-east-1a,0.4" for h in range(48))]
    assert len(uploaded(screen, prices).dataframe[0].value) == 2
    prices[5] = prices[5].replace("0.4", "-1")
    uploaded(screen, prices)
    assert "Row 6: usd" in unescape(screen.error[0].value)
