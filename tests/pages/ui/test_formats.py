"""Money, time and sizes as people read them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui import formats
from pages.ui.formats import ExchangeRate, Language

SEOUL = ZoneInfo("Asia/Seoul")
RATE = ExchangeRate(Decimal("1380.50"), date(2026, 11, 20), "example bank")
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)

amounts = st.decimals(min_value=-10_000_000, max_value=10_000_000, allow_nan=False, places=9)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (Decimal("1234.56"), "$1,234.56"),
        (Decimal("0.005"), "$0.0050"),
        (Decimal("0.0042"), "$0.0042"),
        (Decimal("0.00000019"), "$0.00000019"),
        (Decimal("0.015"), "$0.02"),
        (Decimal("2.675"), "$2.68"),
        (1_000_000, "$1,000,000.00"),
        (-12.5, "−$12.50"),
    ],
)
def test_dollars(amount: Decimal | float, text: str) -> None:
    assert formats.usd(amount) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (0, "$0.00/h"),
        (Decimal("1.732"), "$1.732/h"),
        (Decimal("1.41"), "$1.410/h"),
        (Decimal("0.0582"), "$0.0582/h"),
        (Decimal("0.05"), "$0.050/h"),
        (Decimal("0.00019"), "$0.00019/h"),
        (Decimal("98.32"), "$98.320/h"),
        (Decimal("1234.5"), "$1,234.50/h"),
        (Decimal("-0.19"), "−$0.190/h"),
    ],
)
def test_rates(rate: Decimal, text: str) -> None:
    assert formats.usd_per_hour(rate) == text


@given(amounts)
def test_what_costs_is_never_shown_as_nothing(amount: Decimal) -> None:
    for text in (formats.usd(amount), formats.usd_per_hour(amount), formats.won(amount, RATE)):
        digits = re.sub(r"[^0-9]", "", text)
        assert (int(digits) == 0) == (amount == 0)
        assert text.startswith("−") == (amount < 0)


@given(amounts)
def test_dollars_read_back_within_half_a_cent(amount: Decimal) -> None:
    back = Decimal(formats.usd(amount).replace("$", "").replace(",", "").replace("−", "-"))
    assert abs(back - amount) <= Decimal("0.005")


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(Decimal("1232.89"), "₩1,702,005"), (0, "₩0"), (Decimal("0.0001"), "₩0.14"), (Decimal(-2), "−₩2,761")],
)
def test_won_at_a_stated_rate(dollars: Decimal, text: str) -> None:
    assert formats.won(dollars, RATE) == text
    assert formats.won_per_hour(dollars, RATE) == f"{text}/h"


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [
        (0, "0 s", "0초"),
        (59.9, "59 s", "59초"),
        (60, "1 min", "1분"),
        (8_040, "2 h 14 min", "2시간 14분"),
        (8_040.7, "2 h 14 min", "2시간 14분"),
        (7_200, "2 h", "2시간"),
        (7_230, "2 h", "2시간"),
        (3_599, "59 min 59 s", "59분 59초"),
        (90_000, "1 d 1 h", "1일 1시간"),
        (-90, "−1 min 30 s", "−1분 30초"),
        (-0.4, "0 s", "0초"),
    ],
)
def test_durations(seconds: float, english: str, korean: str) -> None:
    assert formats.duration(seconds) == english
    assert formats.duration(timedelta(seconds=seconds), "ko") == korean


@given(st.integers(min_value=0, max_value=10**9))
def test_a_duration_never_exaggerates(seconds: int) -> None:
    sizes = {"d": 86_400, "h": 3_600, "min": 60, "s": 1}
    parts = re.findall(r"(\d+) (d|h|min|s)", formats.duration(seconds))
    said = sum(int(count) * sizes[unit] for count, unit in parts)
    assert said <= seconds < said + sizes[parts[-1][1]] * (60 if len(parts) == 1 else 1)
    assert 1 <= len(parts) <= 2


@pytest.mark.parametrize(
    ("away", "english", "korean"),
    [
        (timedelta(0), "just now", "방금"),
        (timedelta(seconds=-9), "just now", "방금"),
        (timedelta(seconds=-45), "45 s ago", "45초 전"),
        (timedelta(minutes=-4, seconds=-30), "4 min ago", "4분 전"),
        (timedelta(hours=3), "in 3 h", "3시간 후"),
        (timedelta(days=-6, hours=-23), "6 d ago", "6일 전"),
        (timedelta(days=-20), "Nov 3", "11월 3일"),
        (timedelta(days=-400), "Oct 19, 2025", "2025년 10월 19일"),
    ],
)
def test_times_are_relative_while_recent(away: timedelta, english: str, korean: str) -> None:
    assert formats.relative(NOW + away, NOW, "en", SEOUL) == english
    assert formats.relative(NOW + away, NOW, "ko", SEOUL) == korean


@given(st.timedeltas(min_value=timedelta(days=-3000), max_value=timedelta(days=3000)))
def test_every_time_can_be_said(away: timedelta) -> None:
    languages: tuple[Language, ...] = ("en", "ko")
    for language in languages:
        text = formats.relative(NOW + away, NOW, language, SEOUL)
        assert text.strip() == text
        assert text


def test_the_exact_time_is_in_the_readers_zone() -> None:
    assert formats.exact(NOW, SEOUL) == "2026-11-23 14:00:00 KST"
    assert formats.exact(NOW) == "2026-11-23 05:00:00 UTC"
    assert formats.clock(NOW, SEOUL) == "14:00 KST"


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (Decimal("0.826"), 1, "82.6%"),
        (0.83, 0, "83%"),
        (0, 0, "0%"),
        (1, 0, "100%"),
        (1.5, 0, "150%"),
        (0.004, 0, "<1%"),
        (0.9999, 0, ">99%"),
        (0.0004, 1, "<0.1%"),
        (-0.25, 0, "−25%"),
    ],
)
def test_shares(share: Decimal | float, places: int, text: str) -> None:
    assert formats.percent(share, places) == text


@pytest.mark.parametrize(
    ("count_bytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1_500_000, "1.4 MiB"),
        (2**31, "2.0 GiB"),
        (2**60, "1,048,576.0 TiB"),
    ],
)
def test_sizes(count_bytes: int, text: str) -> None:
    assert formats.size(count_bytes) == text


def test_counts() -> None:
    assert [formats.count(number) for number in (0, 1234, -2)] == ["0", "1,234", "−2"]
