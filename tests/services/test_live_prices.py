"""An account's own prices: every listed one read back to the last digit, kept whole, never lost to a broken read."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services import catalogue, live_prices, offer_rates, price_files
from services.cloud import Account as DeckAccount
from services.cloud import Cloud
from services.errors import DeckError
from services.offer_rates import COLUMNS, Layer
from services.offers import Offer, Offers, Wanted
from services.price_files import LivePrices
from tests.support import fault_proxy
from tests.support.deck_wishes import deck_account
from tests.support.faults import Call, Reply
from tests.support.listed_prices import EC2, RESERVED, SAGEMAKER
from tests.support.practice_account import running
from tests.support.tampering import denied

REGIONS = [region.name for region in catalogue.regions()]
HOURLY = [row for row in SAGEMAKER if row[2] != "training_plan"]
"""A training plan's hours are paid at its start, as one fee."""
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeckAccount]:
    for account in running(tmp_path_factory.mktemp("listing") / "practice"):
        yield deck_account(account)


@pytest.fixture(scope="module")
def known(deck: DeckAccount, tmp_path_factory: pytest.TempPathFactory) -> LivePrices:
    steps: list[tuple[int, int]] = []
    found = live_prices.refresh(
        deck, REGIONS, tmp_path_factory.mktemp("prices"), NOW, lambda done, total: steps.append((done, total))
    )
    assert steps == [(done, 32) for done in range(1, 33)]
    return found


@pytest.fixture(scope="module")
def offers(known: LivePrices) -> Offers:
    return Offers((Layer("account", known.rates), Layer("catalogue", offer_rates.catalogue())))


def of(offers: Offers, name: str, region: str, **wanted: object) -> Offer:
    [offer] = [
        one for one in offers.find(name, region) if all(getattr(one, key) == value for key, value in wanted.items())
    ]
    assert offer.layer == "account"
    return offer


def test_all_of_it_is_read_in_the_columns_of_every_layer(known: LivePrices) -> None:
    assert (known.unread, known.passed_over, known.read_at) == ({}, "", NOW)
    assert tuple(known.rates.column_names) == COLUMNS
    # All but managed spot and training plans, which neither list has.
    catalogue_rows = offer_rates.catalogue().to_pylist()
    not_listed = sum(
        row["purchase_option"] == "managed_spot" or row["component"] == "training_plan" for row in catalogue_rows
    )
    spot = sum(row["purchase_option"] == "spot" for row in catalogue_rows)
    told = sum(row["purchase_option"] == "spot" for row in known.rates.to_pylist())
    assert known.rates.num_rows - told == len(catalogue_rows) - not_listed - spot


@pytest.mark.parametrize(("region", "name", "component", "usd", "as_of", "confidence"), HOURLY)
def test_a_sagemaker_rate_is_read_to_its_last_digit(
    offers: Offers, region: str, name: str, component: str, usd: str, as_of: str, confidence: str
) -> None:
    offer = of(offers, name, region, component=component, purchase_option="on_demand")
    assert (str(offer.usd_per_hour), offer.as_of.isoformat(), offer.confidence) == (usd, as_of, confidence)


@pytest.mark.parametrize(("region", "name", "option", "usd", "as_of"), [row for row in EC2 if row[2] == "on_demand"])
def test_an_ec2_rate_is_read_to_its_last_digit(
    offers: Offers, region: str, name: str, option: str, usd: str, as_of: str
) -> None:
    offer = of(offers, name, region, purchase_option=option)
    assert (str(offer.usd_per_hour), offer.as_of.isoformat(), offer.source) == (usd, as_of, "AWS Price List API")


@pytest.mark.parametrize(("region", "name", "years", "offering_class", "usd"), RESERVED)
def test_a_reserved_rate_is_read_to_its_last_digit(
    offers: Offers, region: str, name: str, years: int, offering_class: str, usd: str
) -> None:
    terms = {"term_years": years, "offering_class": offering_class}
    offer = of(offers, name, region, purchase_option="reserved", payment_option="no_upfront", **terms)
    assert str(offer.usd_per_hour) == usd


def test_whatever_the_catalogue_knows_of_ec2_and_plans_is_the_same(offers: Offers) -> None:
    wanted = Wanted(instance_types=("g5.xlarge", "ml.g5.xlarge"), regions=("ap-northeast-2", "us-east-1"))
    listed = {
        one.id: one.effective_usd_per_hour
        for one in Offers((Layer("catalogue", offer_rates.catalogue()),)).search(wanted, most=1_000).offers
    }
    for offer in offers.search(wanted, most=1_000).offers:
        if offer.layer == "account" and offer.purchase_option != "spot":
            difference = abs(offer.effective_usd_per_hour - listed[offer.id])
            assert difference <= Decimal("0.000002"), offer.id
            assert offer.confidence == "assumption" or "savings_plan" not in offer.purchase_option


def test_spot_is_the_newest_price_of_the_lowest_zone(offers: Offers) -> None:
    offer = of(offers, "g5.xlarge", "ap-northeast-2", purchase_option="spot")
    assert "the lowest zone, ap-northeast-2" in offer.note
    assert Decimal("0.1") < offer.usd_per_hour < Decimal("1.237")


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("prices-*"), reverse=True)


@pytest.fixture
def twice(deck: DeckAccount, tmp_path: Path) -> Path:
    """A folder with two whole answers about one region."""
    for hour in (1, 2):
        live_prices.refresh(deck, ["eu-west-1"], tmp_path, NOW.replace(hour=hour))
    return tmp_path


@pytest.mark.parametrize("harm", ["cut", "changed", "empty", "other schema", "no note", "foreign"])
def test_a_file_that_is_not_whole_is_passed_over_for_the_one_before(twice: Path, harm: str) -> None:
    table, note = sorted((path for path in kept(twice) if "T02" in path.name), key=lambda path: path.suffix)[::-1]
    content = table.read_bytes()
    match harm:
        case "cut":
            table.write_bytes(content[: len(content) // 2])
        case "changed":
            table.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "empty":
            table.write_bytes(b"")
        case "other schema":
            note.write_text(json.dumps({**json.loads(note.read_text()), "schema": 99}))
        case "no note":
            note.unlink()
        case _:
            note.write_text("not JSON")
    found = price_files.load(twice)
    assert found is not None
    assert found.read_at.hour == 1
    assert table.name in found.passed_over


def test_two_answers_are_kept_and_no_draft(deck: DeckAccount, twice: Path) -> None:
    live_prices.refresh(deck, ["eu-west-1"], twice, NOW.replace(hour=3))
    assert [path.name[15:18] for path in kept(twice)] == ["T03"] * 2 + ["T02"] * 2
    assert len(list(twice.iterdir())) == 4


def test_what_is_denied_is_left_out_and_named(deck: DeckAccount, tmp_path: Path) -> None:
    with denied(Cloud(deck, "us-east-1"), "savingsplans", "DescribeSavingsPlansOfferingRates"):
        found = live_prices.refresh(deck, ["us-east-1"], tmp_path, NOW)
    assert set(found.unread) == {"plans us-east-1"}
    assert not any("savings_plan" in row for row in found.rates["purchase_option"].to_pylist())


class Spoiled:
    """The replies about a service's products after so many whole ones say a price that is no number."""

    def __init__(self, service: str, whole: int) -> None:
        self._service, self._left = service, whole

    def __call__(self, call: Call, reply: Reply) -> Reply:
        if call.operation != "GetProducts" or self._service.encode() not in call.body:
            return reply
        self._left -= 1
        return reply if self._left >= 0 else replace(reply, body=reply.body.replace(b'USD\\":\\"', b'USD\\":\\"cheap'))


def rates_of(found: LivePrices) -> set[tuple[object, ...]]:
    return {tuple(row.values()) for row in found.rates.to_pylist()}


def refreshed(deck: DeckAccount, folder: Path, hour: int, rewrite: Callable[[Call, Reply], Reply]) -> LivePrices:
    with fault_proxy.running() as proxy:
        proxy.rewrite = rewrite
        return live_prices.refresh(replace(deck, proxy_url=proxy.url), ["eu-west-1"], folder, NOW.replace(hour=hour))


def test_of_a_part_that_breaks_on_its_way_what_was_known_stays(deck: DeckAccount, tmp_path: Path) -> None:
    before = live_prices.refresh(deck, ["eu-west-1"], tmp_path, NOW)
    for hour in (13, 14, 15):  # more often than files are kept
        found = refreshed(deck, tmp_path, hour, Spoiled("AmazonSageMaker", 1))
        assert found.kept == {"AmazonSageMaker eu-west-1": NOW}
        assert "Unavailable: AWS's answer cannot be read" in found.unread["AmazonSageMaker eu-west-1"]
        assert found.read_at.hour == hour
        spot = {row for row in rates_of(before) | rates_of(found) if "spot" in row}
        assert rates_of(found) - spot == rates_of(before) - spot
    healed = live_prices.refresh(deck, ["eu-west-1"], tmp_path, NOW.replace(hour=16))
    assert (healed.kept, healed.unread) == ({}, {})


def test_half_a_part_is_never_taken(deck: DeckAccount, tmp_path: Path) -> None:
    found = refreshed(deck, tmp_path, 13, Spoiled("AmazonSageMaker", 1))
    assert set(found.unread) == {"AmazonSageMaker eu-west-1"}
    assert not found.kept
    services = {(row["service"], row["purchase_option"]) for row in found.rates.to_pylist()}
    assert ("sagemaker", "on_demand") not in services
    assert ("ec2", "on_demand") in services


def test_two_who_ask_at_once_both_get_whole_tables(deck: DeckAccount, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as side_by_side:
        first, second = side_by_side.map(
            lambda hour: live_prices.refresh(deck, ["eu-west-1"], tmp_path, NOW.replace(hour=hour)), (13, 14)
        )
    assert first.rates.num_rows == second.rates.num_rows
    assert (first.unread, first.passed_over, second.passed_over) == ({}, "", "")


def test_only_what_is_compared_is_asked_for(deck: DeckAccount, tmp_path: Path) -> None:
    asked: list[tuple[str, dict[str, str]]] = []

    def listen(call: Call, reply: Reply) -> Reply:
        if call.operation == "DescribeSavingsPlansOfferingRates":
            body = json.loads(call.body)
            asked.append((body["products"][0], {each["name"]: each["values"][0] for each in body["filters"]}))
        return reply

    refreshed(deck, tmp_path, 13, listen)
    software = {"productDescription": "Linux/UNIX", "tenancy": "shared"}
    assert ("EC2", {"region": "eu-west-1", **software}) in asked
    assert ("SageMaker", {"region": "eu-west-1"}) in asked
    assert len(asked) < 10


def test_when_nothing_can_be_read_what_was_kept_stays(tmp_path: Path) -> None:
    for account in running(tmp_path / "practice"):
        gone = deck_account(account)
        live_prices.refresh(gone, ["eu-west-1"], tmp_path / "kept", NOW)
    with pytest.raises(DeckError):
        live_prices.refresh(gone, ["eu-west-1"], tmp_path / "kept", NOW.replace(hour=20))
    found = price_files.load(tmp_path / "kept")
    assert found is not None
    assert found.read_at == NOW
    assert not (tmp_path / "kept" / "draft.parquet").exists()


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert price_files.load(tmp_path / "none") is None
