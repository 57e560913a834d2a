"""A company's own rates: read to the last digit, before all others, and refused whole with the line that is wrong."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from services import offer_rates, own_rates, prices, rates
from services.errors import InvalidRequest
from services.offer_rates import Layer
from services.offers import Offers, Wanted

HEADER = (
    "region,instance_type,component,purchase_option,term_years,payment_option,offering_class,usd_per_hour,upfront_usd"
)
GOOD = (
    "ap-northeast-2,ml.g5.xlarge,training,on_demand,,,,1.2345678,",
    "ap-northeast-2,g5.xlarge,,reserved,1,all_upfront,standard,0,4380",
)


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "rates.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_own_rates_come_before_the_lists(tmp_path: Path) -> None:
    own = own_rates.load(written(tmp_path, *GOOD))
    offers = Offers((Layer("own", own), Layer("catalogue", offer_rates.catalogue())))
    found = offers.search(Wanted(regions=("ap-northeast-2",)), most=50_000).offers
    mine = [offer for offer in found if offer.layer == "own"]
    assert {(one.instance_type, one.usd_per_hour, one.effective_usd_per_hour) for one in mine} == {
        ("ml.g5.xlarge", Decimal("1.2345678"), Decimal("1.2345678")),
        ("g5.xlarge", Decimal(0), Decimal("0.5")),
    }
    assert {one.source for one in mine} == {"rates.csv"}
    assert all(one.as_of.year >= 2026 for one in mine)


@pytest.fixture
def agreed() -> Iterator[Callable[[pa.Table | None], None]]:
    yield prices.use_own_rates
    prices.use_own_rates(None)


def test_what_runs_and_what_is_launched_costs_what_was_agreed(
    tmp_path: Path, agreed: Callable[[pa.Table | None], None]
) -> None:
    spot = "ap-northeast-2,m5.large,,spot,,,,0.0111,"
    listed = rates.instance_part("ap-northeast-2", "ml.g5.xlarge", "training", 2)
    agreed(own_rates.load(written(tmp_path, *GOOD, spot)))
    part = rates.instance_part("ap-northeast-2", "ml.g5.xlarge", "training", 2)
    assert part is not None
    assert (part.usd_per_hour, part.source, part.confidence) == (Decimal("2.4691356"), "rates.csv", "reported")
    assert prices.ec2_price("ap-northeast-2", "m5.large", "spot").usd_per_hour == Decimal("0.0111")
    assert prices.sagemaker_price("ap-northeast-2", "ml.g5.xlarge", "notebook").source != "rates.csv"
    assert prices.ec2_price("ap-northeast-2", "g5.xlarge").source != "rates.csv", "a reservation is no hourly rate"
    agreed(None)
    assert rates.instance_part("ap-northeast-2", "ml.g5.xlarge", "training", 2) == listed


def test_a_file_needs_only_the_columns_that_apply(tmp_path: Path) -> None:
    header = "region,instance_type,purchase_option,usd_per_hour,as_of,note"
    row = "us-east-1,m5.large,on_demand,0.09,2026-10-01,agreement 7"
    (read,) = own_rates.load(written(tmp_path, row, header=header)).to_pylist()
    assert (read["usd_per_hour"], str(read["as_of"]), read["note"]) == ("0.09", "2026-10-01", "agreement 7")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("ap-northeast-9,m5.large,,on_demand,,,,1,", "region ap-northeast-9 is not known"),
        ("us-east-1,m99.large,,on_demand,,,,1,", "instance_type m99.large is not known"),
        ("us-east-1,m5.large,,free,,,,1,", "purchase_option free is not known"),
        ("us-east-1,m5.large,,on_demand,,,,-1,", "usd_per_hour -1 is negative"),
        ("us-east-1,m5.large,,on_demand,,,,NaN,", "usd_per_hour 'NaN' is not a number"),
        ("us-east-1,m5.large,,on_demand,,,,Infinity,", "usd_per_hour 'Infinity' is not a number"),
        ("us-east-1,m5.large,,on_demand,,,,cheap,", "usd_per_hour 'cheap' is not a number"),
        ("us-east-1,m5.large,,on_demand,,,,,", "usd_per_hour '' is not a number"),
        ("us-east-1,m5.large,,on_demand,,,,1e9,", "too large to be meant"),
        ("us-east-1,m5.large,training,on_demand,,,,1,", "an EC2 type has no component"),
        ("us-east-1,ml.m5.large,,on_demand,,,,1,", "a SageMaker type needs a component"),
        ("us-east-1,ml.m5.large,cooking,on_demand,,,,1,", "component cooking is not known"),
        ("us-east-1,m5.large,,reserved,2,no_upfront,standard,1,", "term_years 2 is none of 1 and 3"),
        ("us-east-1,m5.large,,reserved,1,monthly,standard,1,", "payment_option monthly is not known"),
        ("us-east-1,m5.large,,reserved,1,no_upfront,rare,1,", "offering_class rare is not known"),
        ("us-east-1,m5.large,,on_demand,,,,1,5", "something is paid upfront for no term"),
        ("us-east-1,m5.large", "another number of cells"),
        ("us-east-1,m5.large,,on_demand,,,,1,,more", "another number of cells"),
        (GOOD[0], "says again what line 2 says"),
    ],
)
def test_the_first_mistake_is_named_with_its_line_and_nothing_is_read(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        own_rates.load(written(tmp_path, GOOD[0], row))
    assert refused.value.message.startswith("Line 3: ")
    assert said in refused.value.message
    assert refused.value.resource == "rates.csv"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("region,instance_type,purchase_option", "column usd_per_hour is missing"),
        (f"{HEADER},discount", "there is no column discount"),
        ("", "column region is missing"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(tmp_path: Path, header: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        own_rates.load(written(tmp_path, header=header))


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    header = "region,instance_type,purchase_option,usd_per_hour,as_of"
    with pytest.raises(InvalidRequest, match="as_of 'soon' is not a day"):
        own_rates.load(written(tmp_path, "us-east-1,m5.large,on_demand,1,soon", header=header))


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        own_rates.load(tmp_path / "none.csv")
    (tmp_path / "rates.csv").write_bytes(b"region\xff\xfe")
    with pytest.raises(InvalidRequest, match="cannot be read"):
        own_rates.load(tmp_path / "rates.csv")
