"""How long spot capacity lasts: the advisor's bands, taken by hand, as a hazard; draws that anybody gets again."""

from datetime import timedelta
from math import exp, log
from statistics import fmean

import pytest

from practice import spot_interruptions

SEOUL = "ap-northeast-2"

ADVISED = [
    # region, type, the advisor's band on 2025-06-28
    ("ap-northeast-2", "m5.large", "5-10%"),
    ("ap-northeast-2", "g4dn.xlarge", "5-10%"),
    ("ap-northeast-2", "g5.xlarge", ">20%"),
    ("ap-northeast-2", "g5.12xlarge", "<5%"),
    ("ap-northeast-2", "c5.xlarge", "15-20%"),
    ("ap-northeast-2", "t3.medium", "<5%"),
    ("us-east-1", "m5.large", "15-20%"),
    ("us-east-1", "p4d.24xlarge", "10-15%"),
    ("us-west-2", "m5.large", "10-15%"),
    ("eu-west-1", "g5.xlarge", "10-15%"),
    ("eu-west-1", "p4d.24xlarge", ">20%"),
    ("eu-west-1", "c5.xlarge", "<5%"),
]
MONTHLY = {"<5%": 0.025, "5-10%": 0.075, "10-15%": 0.125, "15-20%": 0.175, ">20%": 0.25}


@pytest.mark.parametrize(("region", "name", "band"), ADVISED)
def test_a_month_takes_back_the_share_of_the_newest_band(region: str, name: str, band: str) -> None:
    for kind in (name, f"ml.{name}"):
        assert 1 - exp(-730 * spot_interruptions.hazard_per_hour(region, kind)) == pytest.approx(MONTHLY[band])


def test_what_nobody_advises_about_is_taken_back_as_often_as_the_worst() -> None:
    assert spot_interruptions.hazard_per_hour(SEOUL, "m99.huge") == pytest.approx(-log(0.75) / 730)


def test_draws_are_as_often_as_the_advisor_says() -> None:
    lasted = [spot_interruptions.lasts(SEOUL, "g5.xlarge", 1, f"job-{number}") for number in range(4000)]
    within = sum(each < timedelta(hours=730) for each in lasted) / len(lasted)
    assert within == pytest.approx(0.25, abs=0.02)
    mean_hours = fmean(each / timedelta(hours=1) for each in lasted)
    assert mean_hours == pytest.approx(1 / spot_interruptions.hazard_per_hour(SEOUL, "g5.xlarge"), rel=0.05)


def test_a_job_of_more_instances_loses_its_first_sooner_and_the_same_name_draws_the_same() -> None:
    alone, eight = (spot_interruptions.lasts(SEOUL, "g5.xlarge", count, "job") for count in (1, 8))
    assert alone / eight == pytest.approx(8)
    assert spot_interruptions.lasts(SEOUL, "g5.xlarge", 1, "job") == alone
    assert spot_interruptions.lasts(SEOUL, "g5.xlarge", 1, "job/1") != alone
