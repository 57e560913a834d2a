"""Tables of prices on disk: the last good one is used until a better one is whole.

A new table is written beside the old one and becomes the newest only when it is whole; one that was cut or changed, or
that another version wrote, is passed over for the one before it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from services.offer_rates import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA: Final = 2
KEPT: Final = 2
"""The newest files: one to use, one to fall back on."""


@dataclass(frozen=True, slots=True)
class LivePrices:
    """What was read of an account's prices."""

    rates: "pa.Table"
    """In the columns of `services.offer_rates`."""
    read_at: datetime
    unread: Mapping[str, str] = field(default_factory=dict)
    """What could not be read, such as `plans us-east-1` → why."""
    kept: Mapping[str, datetime] = field(default_factory=dict)
    """Which of that has its rates from an earlier reading → when that was."""
    passed_over: str = ""
    """Why a newer file was not used; empty when the newest is."""


def load(folder: Path) -> LivePrices | None:
    """The newest file that is whole; None when there is none."""
    passed_over = ""
    for path in _newest_first(folder):
        try:
            return _read(path, passed_over)
        except (OSError, ValueError, KeyError) as error:
            passed_over = passed_over or f"{path.name}: {error}"
    return None


def schema() -> "pa.Schema":
    """Of a table of prices: the columns of `services.offer_rates`."""
    import pyarrow as pa

    types = {"term_years": pa.int8(), "as_of": pa.date32()}
    return pa.schema([(column, types.get(column, pa.string())) for column in COLUMNS])


def keep(draft: Path, folder: Path, now: datetime, said: Mapping[str, Any]) -> None:
    """The table first, then what says that it is whole."""
    target = folder / f"prices-{now:%Y%m%dT%H%M%S%f}.parquet"
    told = {"schema": SCHEMA, "sha256": _digest(draft), "read_at": now.isoformat(), **said}
    _sync(draft)
    draft.replace(target)
    note = target.with_suffix(".json")
    part = note.with_suffix(".part")
    part.write_text(json.dumps(told), encoding="utf-8")
    _sync(part)
    part.replace(note)
    for old in _newest_first(folder)[KEPT:]:
        old.unlink(missing_ok=True)
        old.with_suffix(".json").unlink(missing_ok=True)


def _sync(path: Path) -> None:
    with path.open("rb+") as handle:
        os.fsync(handle.fileno())


def _newest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob("prices-*.parquet"), reverse=True)


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _read(path: Path, passed_over: str) -> LivePrices:
    """Raises: OSError, ValueError, KeyError for what is not whole."""
    from pyarrow.parquet import read_table

    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    if told["schema"] != SCHEMA:
        raise ValueError(f"written in schema {told['schema']}, this deck reads {SCHEMA}")
    if told["sha256"] != _digest(path):
        raise ValueError("its checksum is another: it was cut or changed")
    table = read_table(path, partitioning=None)
    if table.schema != schema():
        raise ValueError("its columns are others")
    kept = {name: datetime.fromisoformat(when) for name, when in told["kept"].items()}
    return LivePrices(table, datetime.fromisoformat(told["read_at"]), told["unread"], kept, passed_over)
