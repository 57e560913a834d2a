"""Money, time and sizes as text. Pure functions: the language, the zone and the rate are arguments.

Amounts are `Decimal`, `int` or `float` and are rounded here and nowhere earlier; a small amount keeps two significant
digits, so that nothing that costs is ever shown as nothing. Screens use `pages.ui.show`, which fills in who is looking.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Language = Literal["en", "ko"]
Amount = Decimal | int | float

MINUS = "\N{MINUS SIGN}"
CENT = Decimal("0.01")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
UNITS: dict[Language, tuple[tuple[int, str], ...]] = {
    "en": ((86_400, " d"), (3_600, " h"), (60, " min"), (1, " s")),
    "ko": ((86_400, "일"), (3_600, "시간"), (60, "분"), (1, "초")),
}


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Won for a dollar, with the day it held and where it was read."""

    krw_per_usd: Decimal
    as_of: date
    source: str


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _places(value: Decimal, least: int, significant: int) -> int:
    """Decimals that keep `least` of them and, below one unit of those, `significant` digits."""
    if value == 0:
        return least
    return max(least, significant - 1 - value.adjusted())


def _signed(value: Decimal, sign: str, places: int) -> str:
    rounded = _rounded(abs(value), places)
    minus = MINUS if value < 0 and rounded else ""
    return f"{minus}{sign}{rounded:,f}"


def _decimal(amount: Amount) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(str(amount))


def usd(amount: Amount) -> str:
    """`$1,234.56`; less than a cent keeps two significant digits: `$0.0042`."""
    value = _decimal(amount)
    return _signed(value, "$", 2 if abs(value) >= CENT else _places(value, 2, 2))


def usd_per_hour(rate: Amount) -> str:
    """`$1.732/h`, `$123.45/h`, `$0.0582/h`, `$0.00019/h`; nothing at all is `$0.00/h`."""
    value = _decimal(rate)
    size = abs(value)
    if size >= 100 or size == 0:
        return f"{_signed(value, '$', 2)}/h"
    text = _signed(value, "$", _places(value, 3, 3))
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:3]}{decimals[3:].rstrip('0')}/h"


def won(amount: Amount, rate: ExchangeRate) -> str:
    """Dollars as `₩1,702,000` at `rate`; less than ten won keeps two significant digits."""
    value = _decimal(amount) * rate.krw_per_usd
    return _signed(value, "₩", 0 if abs(value) >= 10 else _places(value, 0, 2))


def won_per_hour(rate_usd: Amount, rate: ExchangeRate) -> str:
    """A dollar rate as `₩2,344/h`."""
    return f"{won(rate_usd, rate)}/h"


def duration(length: timedelta | float, language: Language = "en") -> str:
    """`2 h 14 min` or `2시간 14분`: the two largest units that count, rounded down. A number is seconds."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    minus = MINUS if seconds <= -1 else ""
    left = int(abs(seconds))
    units = UNITS[language]
    largest = next((at for at, (size, _) in enumerate(units) if left >= size), len(units) - 1)
    parts: list[str] = []
    for size, name in units[largest : largest + 2]:
        count, left = divmod(left, size)
        if count or not parts:
            parts.append(f"{count}{name}")
    return minus + " ".join(parts)


def exact(when: datetime, zone: tzinfo = UTC) -> str:
    """`2026-11-23 14:05:33 KST`: unmistakable in either language."""
    return when.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def clock(when: datetime, zone: tzinfo = UTC) -> str:
    """`14:05 KST`."""
    return when.astimezone(zone).strftime("%H:%M %Z")


def day(when: date, language: Language = "en", *, this_year: int | None = None) -> str:
    """`Nov 3` or `11월 3일`, with the year unless it is `this_year`."""
    with_year = when.year != this_year
    if language == "ko":
        return (f"{when.year}년 " if with_year else "") + f"{when.month}월 {when.day}일"
    return f"{MONTHS[when.month - 1]} {when.day}" + (f", {when.year}" if with_year else "")


def month(when: date, language: Language = "en") -> str:
    """`Nov` or `11월`."""
    return f"{when.month}월" if language == "ko" else MONTHS[when.month - 1]


def relative(when: datetime, now: datetime, language: Language = "en", zone: tzinfo = UTC) -> str:
    """`4 min ago`, `in 3 h`, `just now`; a week away or more, the day. `now` is the account's own clock."""
    ahead = (when - now).total_seconds()
    size = abs(ahead)
    if size < 10:
        return "just now" if language == "en" else "방금"
    if size >= 7 * 86_400:
        return day(when.astimezone(zone).date(), language, this_year=now.astimezone(zone).year)
    unit, name = next((unit, name) for unit, name in UNITS[language] if size >= unit)
    length = f"{int(size // unit)}{name}"
    if language == "ko":
        return f"{length} 후" if ahead > 0 else f"{length} 전"
    return f"in {length}" if ahead > 0 else f"{length} ago"


def size(count_bytes: int) -> str:
    """`0 B`, `812 B`, `1.4 KiB`, `2.0 GiB`."""
    if count_bytes < 1024:
        return f"{count_bytes} B"
    power = min((count_bytes.bit_length() - 1) // 10, 4)
    return f"{count_bytes / 1024**power:,.1f} {('KiB', 'MiB', 'GiB', 'TiB')[power - 1]}"


def percent(share: Amount, places: int = 0) -> str:
    """A share of one as `83%`; a sliver is `<1%` and nearly all `>99%`, never 0 or 100."""
    value = _decimal(share)
    least = Decimal(1).scaleb(-places)
    if 0 < value * 100 < least:
        return f"<{least}%"
    if value < 1 and _rounded(value * 100, places) >= 100:
        return f">{100 - least}%"
    rounded = _rounded(abs(value) * 100, places)
    return f"{MINUS if value < 0 and rounded else ''}{rounded:,f}%"


def count(number: int) -> str:
    """`1,234`."""
    return f"{number:,}".replace("-", MINUS)
