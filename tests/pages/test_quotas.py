"""Quotas on screen: what is used of what is granted in every region, what is used up, and the way to more."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import market_reads, reads
from services.cloud import Account as DeckAccount
from services.quota_grids import gather_regions
from tests.support.practice_account import REGION, Account
from tests.support.screens import deck_at, opened, words

GPUS, STANDARD = "L-DB2E81BA", "L-1216C47A"


@pytest.fixture(scope="module", autouse=True)
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeckAccount]:
    """An account with 64 of 64 standard vCPUs in use in Seoul, and a request for GPUs."""
    with deck_at(tmp_path_factory.mktemp("quotas") / "home") as desk:
        deck = desk.supervisor.account()
        practice = Account(desk.home / "practice")
        practice.attach()
        ec2 = practice.client("ec2")
        image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
        ec2.run_instances(ImageId=image, InstanceType="m5.16xlarge", MinCount=1, MaxCount=1)
        quotas = practice.client("service-quotas")
        quotas.request_service_quota_increase(ServiceCode="ec2", QuotaCode=GPUS, DesiredValue=8)
        reads.forget()
        yield deck


@pytest.mark.parametrize(
    ("language", "sentence", "room"),
    [
        ("en", "1 quota is used up and 0 nearly so, in 8 regions.", "used up"),
        ("ko", "8개 리전에서 할당량 1개를 모두 사용했고 0개는 거의 다 사용했습니다.", "모두 사용"),
    ],
)
def test_what_is_used_up_is_said_and_shown(language: str, sentence: str, room: str) -> None:
    screen = opened("quotas", language, usage="ec2", show="full")
    assert sentence in words(screen)
    rows = screen.dataframe[0].value
    assert len(rows) == 1
    assert (rows.used[0], rows.limit[0], rows.default[0], rows.room[0][0]) == (64, 64, 5, room)
    assert [metric.value for metric in screen.metric] == ["1", "0", "1", "0"]


def test_every_quota_of_a_use_is_shown_when_asked_for() -> None:
    everything = opened("quotas", show="all").dataframe[0].value
    granted = opened("quotas").dataframe[0].value
    assert len(everything) > len(granted) == 32
    assert set(granted.limit) == {2, 4, 20, 40}
    seoul = opened("quotas", regions=REGION).dataframe[0].value
    assert len(seoul) == 4


def test_a_family_is_asked_for_by_name_and_one_of_another_use_is_no_limit() -> None:
    rows = opened("quotas", show="all", family="g5,all").dataframe[0].value
    assert {name.split(" ")[0] for name in rows.name} > {"ml.g5.xlarge", "Number"}
    assert all(name.startswith(("ml.g5.", "Number")) for name in rows.name)
    assert len(opened("quotas", usage="ec2", family="g5").dataframe[0].value) == 8


def test_a_use_of_which_nothing_is_granted_leads_to_all() -> None:
    screen = opened("quotas", usage="warm_pool")
    assert "Nothing is granted for this use." in words(screen)
    (button,) = [each for each in screen.main.button if each.key == "quotas_show_all"]
    button.click().run()
    assert screen.dataframe


def detail(region: str, code: str) -> None:
    from pages.ui import market_reads
    from pages.ui.quota_detail import draw_quotas

    known = market_reads.quotas()[region]
    draw_quotas(known, [known.find(code)])


def test_a_link_opens_its_quota_with_what_was_asked_for() -> None:
    linked = opened("quotas", quota=GPUS)
    assert "dialog" in linked.session_state
    app = AppTest.from_function(detail, args=(REGION, GPUS), default_timeout=60)
    app.session_state["dialog"] = linked.session_state["dialog"]
    app.run()
    assert not app.exception
    said = words(app)
    assert "0 of 0 in use in Seoul" in said
    rows = app.dataframe[0].value
    assert (rows.desired[0], rows.status[0][0]) == (8, "PENDING")
    assert app.number_input[0].value == 1
    assert "Running On-Demand P instances" in app.multiselect[0].options


def test_rooms_of_all_regions_reach_the_prices(account: DeckAccount) -> None:
    known = gather_regions(account, (REGION, "us-east-1"))
    assert {room.region for room in known["us-east-1"].rooms} == {"us-east-1"}
    assert len({room.region for room in market_reads.rooms()}) == 8
    rows = opened("prices", need="cpu2", use="ec2", options="on_demand").dataframe[0].value
    left = {place: amount for place, amount, kind in zip(rows.region, rows.left, rows.instance_type, strict=True)
            if kind == "m5.large"}  # fmt: skip
    assert left["Seoul (ap-northeast-2)"] == 0
    assert left["Ohio (us-east-2)"] == 32
