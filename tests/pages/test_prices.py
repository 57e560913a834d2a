"""Prices and Compare on screen: what is asked in words, every price to its last digit, and what a comparison says."""

from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import market_reads, reads, session
from pages.ui.offer_words import NEEDS, USES
from pages.ui.text import unescape
from services import prices
from services.catalogue import is_offered
from services.cloud import Cloud
from services.offers import Wanted, shipped
from tests.support.listed_prices import EC2, RESERVED, SAGEMAKER
from tests.support.screens import deck_at, opened, words
from tests.support.tampering import denied

SEOUL = "ap-northeast-2"
TRAINING = f"{SEOUL}/sagemaker/ml.g5.xlarge/training"
COMPARED = ",".join(
    (
        f"{TRAINING}/on_demand/0//",
        f"{TRAINING}/sagemaker_savings_plan/1/no_upfront/",
        f"{TRAINING}/managed_spot/0//",
        f"{SEOUL}/ec2/g5.xlarge//reserved/1/all_upfront/standard",
    )
)


@pytest.fixture(scope="module", autouse=True)
def _deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Quotas and prices are asked of two regions here: eight take as much longer and show nothing more."""
    with pytest.MonkeyPatch.context() as patch, deck_at(tmp_path_factory.mktemp("prices") / "home") as desk:
        patch.setattr(market_reads, "_regions", lambda: [SEOUL, "us-east-1"])
        desk.supervisor.account()
        reads.forget()
        yield


@pytest.mark.parametrize(
    ("language", "sentence", "title"),
    [
        ("en", "200 hours a month cost least with ml.g6.xlarge in Ohio: Managed spot training", "Seoul pays"),
        ("ko", "월 200시간 기준 최저가: 오하이오 ml.g6.xlarge, 관리형 스팟 학습", "최저가 리전: 오하이오"),
    ],
)
def test_the_cheapest_24_gb_for_200_hours_is_said_first(language: str, sentence: str, title: str) -> None:
    screen = opened("prices", language)
    said = words(screen)
    assert sentence in said
    assert title in said
    rows = screen.dataframe[0].value
    asked = Wanted(hours=200, **NEEDS["gpu24"], **USES["training"])
    found = shipped().search(asked)
    assert rows.month_usd.tolist() == [float(offer.month_usd) for offer in found.offers]
    assert screen.metric[3].value == f"{found.total:,}"
    assert screen.metric[0].value == rf"\${found.offers[0].month_usd:.2f}"


def test_what_quotas_leave_is_shown_and_can_be_asked_for() -> None:
    rows = opened("prices", need="cpu2").dataframe[0].value
    m5 = rows[(rows.instance_type == "ml.m5.large") & rows.region.str.contains(SEOUL)]
    assert {20} <= set(m5.left.dropna())
    within = opened("prices", need="cpu2", with_quota="true").dataframe[0].value
    assert (within.left > 0).all()
    nothing = opened("prices", need="gpu8x80", with_quota="true")
    assert not nothing.dataframe
    assert "Your quotas leave no room" in words(nothing)
    assert "No offer fits" in words(nothing)


def _taken_by_hand() -> dict[tuple[str, str, str], list[tuple[str, str]]]:
    """(region, use, purchase option) → types and rates: what one screen shows together."""
    prices = [
        *((region, name, "on_demand", usd) for region, name, part, usd, *_ in SAGEMAKER if part == "training"),
        *((region, name, option, usd) for region, name, option, usd, _ in EC2 if is_offered(region, name)),
        *((region, name, "reserved", usd) for region, name, *_, usd in RESERVED if is_offered(region, name)),
    ]
    screens: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for region, name, option, usd in prices:
        use = "training" if name.startswith("ml.") else "ec2"
        screens.setdefault((region, use, option), []).append((name, usd))
    return screens


@pytest.mark.parametrize(("region", "use", "option"), sorted(_taken_by_hand()))
def test_prices_taken_by_hand_are_on_the_screen(region: str, use: str, option: str) -> None:
    expected = _taken_by_hand()[region, use, option]
    types = sorted({name.removeprefix("ml.") for name, _ in expected})
    asked = {"regions": region, "options": option, "types": ",".join(types)}
    rows = opened("prices", need="any", use=use, **asked).dataframe[0].value
    assert set(rows.instance_type) == {name for name, _ in expected}
    shown = {
        (name, Decimal(str(rate))) for name, rate in zip(rows.instance_type, rows.effective_usd_per_hour, strict=True)
    }
    assert {(name, Decimal(usd)) for name, usd in expected} <= shown


def _offer_dialog(name: str, option: str) -> None:
    from pages.ui import market_reads
    from pages.ui.offer_detail import draw_offer

    draw_offer(market_reads.all_offers().find(name, "ap-northeast-2", (option,))[0])


@pytest.mark.parametrize(
    ("name", "option", "said"),
    [
        (
            "ml.g5.xlarge",
            "managed_spot",
            ("Managed spot training in Seoul", "Spot for g5.xlarge in Seoul moved between", ">20%"),
        ),
        ("g5.xlarge", "on_demand", ("On-demand in Seoul", "for 1 × A10G, 24 GB", "no launch form")),
        ("g5.xlarge", "reserved", ("Reserved, 3 years, all upfront, standard in Seoul",)),
    ],
)
def test_an_offer_says_what_is_paid_when_and_for_what(name: str, option: str, said: tuple[str, ...]) -> None:
    screen = AppTest.from_function(_offer_dialog, args=(name, option), default_timeout=60).run()
    assert not screen.exception
    for each in said:
        assert each in unescape(words(screen)), each


def test_a_comparison_says_which_is_cheapest_and_from_when_on() -> None:
    screen = opened("compare", offers=COMPARED, steady="true")
    said = words(screen)
    assert "At 200 hours a month On-demand · ml.g5.xlarge costs least: \\$346.40." in said
    assert "Above 307 hours a month Reserved, 1 year, all upfront, standard · g5.xlarge is cheaper." in said
    rows = screen.dataframe[0].value.set_index("name")
    assert rows.loc["On-demand · ml.g5.xlarge", "month_usd"] == 346.4
    upfront = rows.loc["Reserved, 1 year, all upfront, standard · g5.xlarge"]
    assert upfront.upfront_usd == upfront.year_usd == 6371.41
    assert upfront.three_years_usd == 3 * 6371.41
    assert round(upfront.break_even) == 307
    assert rows.loc["On-demand · ml.g5.xlarge", "premium"] == pytest.approx(0.4002, abs=1e-4)
    assert "assumptions" in said


def test_what_is_no_offer_is_left_out_of_a_comparison_and_said() -> None:
    screen = opened("compare", "ko", offers=f"{TRAINING}/on_demand/0//,nowhere/ec2/g5.xlarge//spot/0//,{SEOUL}")
    assert "이 링크의 상품 중 2개는" in words(screen)
    assert len(screen.dataframe[0].value) == 1


def test_nothing_to_compare_leads_to_prices() -> None:
    screen = opened("compare")
    assert "Nothing is chosen to be compared" in words(screen)
    assert [button.label for button in screen.main.button if "prices" in button.label]


def test_the_accounts_own_prices_are_asked_for_with_a_button() -> None:
    screen = opened("prices")
    assert "AWS's lists that come with the deck" in words(screen)
    (button,) = [each for each in screen.main.button if each.key == "refresh_prices"]
    screen = button.click().run(timeout=120)
    assert not screen.exception
    assert "Prices were asked of this account" in words(screen)
    assert market_reads.live() is not None
    offer = next(one for one in market_reads.all_offers().find("ml.g5.xlarge", SEOUL, ("on_demand",)))
    assert (offer.layer, offer.source) == ("account", "AWS Price List API")


def test_what_cannot_be_read_again_is_said_with_its_age() -> None:
    for refuse in (
        nullcontext,
        lambda: denied(Cloud(session.account(), "us-east-1"), "savingsplans", "DescribeSavingsPlansOfferingRates"),
    ):
        screen = opened("prices")
        (button,) = [each for each in screen.main.button if each.key == "refresh_prices"]
        with refuse():
            screen = button.click().run(timeout=120)
        assert not screen.exception
    assert "Not read this time, still from" in words(screen)
    assert "plans us-east-1" in words(screen)
    assert "이번에 읽지 못해" in words(opened("prices", "ko"))
    known = market_reads.live()
    assert known is not None
    assert set(known.kept) == {name for name in known.unread if name.startswith("plans")}


def test_own_rates_come_first_and_a_mistake_in_them_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rates, file = tmp_path / "rates.csv", tmp_path / "flightdeck.toml"
    file.write_text('own_rates = "rates.csv"')
    header = "region,instance_type,component,purchase_option,usd_per_hour\n"
    rates.write_text(f"{header}{SEOUL},ml.g5.xlarge,training,on_demand,0.0123\n")
    monkeypatch.setenv("FLIGHTDECK_CONFIG", str(file))
    with deck_at(tmp_path / "home") as desk:
        desk.supervisor.account()
        screen = opened("prices")
        assert "ml.g5.xlarge in Seoul: On-demand, \\$2.46" in words(screen)
        assert screen.dataframe[0].value.effective_usd_per_hour[0] == 0.0123
        assert _launch_rate() == Decimal("0.0123")
        rates.write_text(f"{header}{SEOUL},ml.g5.xlarge,training,on_demand,-1\n")
        screen = opened("prices")
        assert "Line 2: usd_per_hour -1 is negative." in unescape(words(screen))
        assert "ml.g6.xlarge in Ohio" in words(screen)
        assert _launch_rate() > 1, "AWS's list again"


def _applied() -> None:
    from pages.ui import market_reads

    market_reads.apply_own_rates()


def _launch_rate() -> Decimal:
    """What a launch reckons with after a run of the deck."""
    assert not AppTest.from_function(_applied, default_timeout=60).run().exception
    return prices.sagemaker_price(SEOUL, "ml.g5.xlarge", "training").usd_per_hour
