"""A company's own rates: what its agreement with AWS lists, in a CSV file, before an account's prices and AWS's lists.

A row is one way to buy, as `services.offer_rates` tells them apart. A file with a mistake is refused whole: nothing is
computed from it.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services import catalogue
from services.errors import InvalidRequest
from services.offer_rates import COLUMNS, HOURS_A_YEAR, KEY, PAYMENT_OPTIONS, PURCHASE_OPTIONS

if TYPE_CHECKING:
    import pyarrow as pa

NEEDED: Final = ("region", "instance_type", "purchase_option", "usd_per_hour")
OPTIONAL: Final = ("component", "term_years", "payment_option", "offering_class", "upfront_usd", "as_of", "note")
TERMS: Final = (0, 1, 3)
PAYMENTS: Final = ("", *PAYMENT_OPTIONS)
CLASSES: Final = ("", "standard", "convertible")
COMPONENTS: Final = (
    *("", "notebook", "studio", "training", "warm_pool", "processing"),
    *("hosting", "async_inference", "batch_transform", "training_plan"),
)
MOST_ROWS: Final = 100_000
MOST_USD: Final = Decimal(1_000_000)


def load(path: Path) -> "pa.Table":
    """The rates of a file, in the columns of `services.offer_rates`.

    Columns: region, instance_type, purchase_option and usd_per_hour; where they apply component, term_years,
    payment_option, offering_class and upfront_usd; as_of (YYYY-MM-DD, else the day the file was changed) and note.
    Raises: InvalidRequest naming file and line of the first mistake.
    """
    import pyarrow as pa

    rows = list(_rows(path))
    types = {"term_years": pa.int8(), "as_of": pa.date32()}
    fields = [(column, types.get(column, pa.string())) for column in COLUMNS]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _rows(path: Path) -> Iterator[Mapping[str, Any]]:
    seen: dict[tuple[Any, ...], int] = {}
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        with path.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines, strict=True)
            _check_header(path, reader.fieldnames or ())
            for row in reader:
                if reader.line_num > MOST_ROWS:
                    raise _wrong(path, reader.line_num, f"more than {MOST_ROWS:,} rates")
                read = _read(path, reader.line_num, row, changed)
                key = tuple(read[name] for name in KEY)
                if key in seen:
                    raise _wrong(path, reader.line_num, f"says again what line {seen[key]} says")
                seen[key] = reader.line_num
                yield read
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidRequest(f"It cannot be read: {error}", resource=path.name, remedy=REMEDY) from error


REMEDY: Final = "Mend the file; until then the prices shown are AWS's list."


def _check_header(path: Path, names: Any) -> None:
    missing = [name for name in NEEDED if name not in names]
    unknown = [str(name) for name in names if name not in (*NEEDED, *OPTIONAL)]
    if missing or unknown:
        said = [f"column {name} is missing" for name in missing] + [f"there is no column {name}" for name in unknown]
        raise _wrong(path, 1, "; ".join(said))


def _read(path: Path, line: int, row: Mapping[str, Any], changed: date) -> dict[str, Any]:
    said = {name: (row.get(name) or "").strip() for name in (*NEEDED, *OPTIONAL)}
    if None in row or None in row.values():
        raise _wrong(path, line, "has another number of cells than the first line")

    def one_of(name: str, known: Any) -> str:
        if said[name] not in known:
            raise _wrong(path, line, f"{name} {said[name] or '(empty)'} is not known")
        return said[name]

    instance_type = one_of("instance_type", catalogue.names())
    service = "sagemaker" if instance_type.startswith("ml.") else "ec2"
    component = one_of("component", COMPONENTS)
    if (service == "sagemaker") != bool(component):
        why = "a SageMaker type needs a component" if service == "sagemaker" else "an EC2 type has no component"
        raise _wrong(path, line, why)
    term = _number(path, line, "term_years", said["term_years"] or "0")
    if term not in TERMS:
        raise _wrong(path, line, f"term_years {term} is none of 1 and 3")
    hourly = _number(path, line, "usd_per_hour", said["usd_per_hour"])
    upfront = _number(path, line, "upfront_usd", said["upfront_usd"] or "0")
    if upfront and not term:
        raise _wrong(path, line, "something is paid upfront for no term")
    effective = hourly + upfront / (HOURS_A_YEAR * term) if term else hourly
    return {
        "region": one_of("region", {region.name for region in catalogue.regions()}),
        "service": service,
        "instance_type": instance_type,
        "component": component,
        "purchase_option": one_of("purchase_option", PURCHASE_OPTIONS),
        "term_years": int(term),
        "payment_option": one_of("payment_option", PAYMENTS),
        "offering_class": one_of("offering_class", CLASSES),
        "usd_per_hour": str(hourly),
        "upfront_usd": str(upfront),
        "effective_usd_per_hour": str(effective.quantize(Decimal("1e-9")) if upfront else hourly),
        "as_of": _day(path, line, said["as_of"], changed),
        "source": path.name,
        "confidence": "reported",
        "note": said["note"],
    }


def _number(path: Path, line: int, name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _wrong(path, line, f"{name} {text!r} is not a number") from None
    if not number.is_finite():
        raise _wrong(path, line, f"{name} {text!r} is not a number")
    if number < 0:
        raise _wrong(path, line, f"{name} {text} is negative")
    if number > MOST_USD:
        raise _wrong(path, line, f"{name} {text} is too large to be meant")
    return number


def _day(path: Path, line: int, text: str, changed: date) -> date:
    try:
        return date.fromisoformat(text) if text else changed
    except ValueError:
        raise _wrong(path, line, f"as_of {text!r} is not a day as in 2026-11-26") from None


def _wrong(path: Path, line: int, why: str) -> InvalidRequest:
    return InvalidRequest(f"Line {line}: {why}.", resource=path.name, remedy=REMEDY)
