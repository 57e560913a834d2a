"""An account's own prices, asked of AWS region by region; what cannot be read now stays as it was read before."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from services import market_rates, price_files, price_lists
from services.cloud import Account, Cloud
from services.errors import DeckError, Unavailable
from services.price_files import LivePrices
from services.rate_rows import Row

if TYPE_CHECKING:
    import pyarrow as pa

SIDE_BY_SIDE: Final = 4
"""Parts asked at once; each is written when it is whole, so that memory holds a few."""

Progress = Callable[[int, int], None]
"""(parts done, parts in all)"""

_refreshing: dict[Path, Lock] = {}
"""Folder → held by the one that writes there."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked of one API about one region: it is read whole or not at all."""

    name: str
    region: str
    services: tuple[str, ...]
    source: str
    """With region and services it tells the part's rates from others."""
    pages: Iterator[list[Row]]


def refresh(
    account: Account, regions: Sequence[str], folder: Path, now: datetime, progress: Progress = lambda *_: None
) -> LivePrices:
    """Ask AWS for the prices of regions, and keep them; one refresh of a folder waits for another.

    Of a part that fails nothing new is taken: it is named, and the rates that were known of it stay.
    Raises: DeckError when nothing at all could be read; what was kept before stays.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / "draft.parquet"
    with _refreshing.setdefault(folder, Lock()):
        try:
            told = _write(
                draft,
                [part for region in regions for part in _parts(account, region)],
                price_files.load(folder),
                progress,
            )
            price_files.keep(draft, folder, now, told)
        finally:
            draft.unlink(missing_ok=True)
        return price_files.load(folder) or _unreadable(folder)


def _write(draft: Path, parts: Sequence[Part], before: LivePrices | None, progress: Progress) -> dict[str, Any]:
    """All parts' rates into the draft. Gives what `LivePrices` says of them, as JSON has it. Raises: DeckError."""
    from pyarrow.parquet import ParquetWriter

    errors, kept, rows = dict[str, DeckError](), dict[str, str](), 0
    with (
        ParquetWriter(draft, price_files.schema(), compression="zstd") as writer,
        ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="prices") as side_by_side,
    ):
        asked = {side_by_side.submit(_whole, part): part for part in parts}
        for done, answer in enumerate(as_completed(asked), 1):
            part = asked.pop(answer)
            try:
                rates = answer.result()
                rows += rates.num_rows
            except DeckError as error:
                errors[part.name] = error
                rates = _known(part, before)
                if before and rates.num_rows:
                    kept[part.name] = before.kept.get(part.name, before.read_at).isoformat()
            writer.write_table(rates)
            progress(done, len(parts))
    if not rows:
        raise next(iter(errors.values()), Unavailable("AWS named no price", resource="prices"))
    return {"unread": {name: f"{type(why).__name__}: {why.message}" for name, why in errors.items()}, "kept": kept}


def _whole(part: Part) -> "pa.Table":
    """Raises: DeckError, also for an answer of another shape than AWS documents."""
    import pyarrow as pa

    schema = price_files.schema()
    try:
        pages = [pa.RecordBatch.from_pylist(page, schema=schema) for page in part.pages]
    except (KeyError, ValueError, ArithmeticError) as error:
        raise Unavailable(f"AWS's answer cannot be read: {error!r}", resource=part.name) from error
    return pa.Table.from_batches(pages, schema=schema)


def _known(part: Part, before: LivePrices | None) -> "pa.Table":
    """The part's rates as they were read before; none when they never were."""
    from pyarrow.compute import field as column

    if before is None:
        return price_files.schema().empty_table()
    its_own = (column("region") == part.region) & (column("source") == part.source)
    return before.rates.filter(its_own & column("service").isin(part.services))


def _unreadable(folder: Path) -> LivePrices:
    raise Unavailable("the prices just written cannot be read again", resource=folder.name)


def _parts(account: Account, region: str) -> Iterator[Part]:
    cloud, both = Cloud(account, region), ("ec2", "sagemaker")
    for code, service in (("AmazonEC2", "ec2"), ("AmazonSageMaker", "sagemaker")):
        pages = price_lists.products(cloud, code, region)
        yield Part(f"{code} {region}", region, (service,), price_lists.LIST_SOURCE, pages)
    yield Part(f"spot {region}", region, both, market_rates.SPOT_SOURCE, market_rates.spot(cloud))
    yield Part(f"plans {region}", region, both, market_rates.PLAN_SOURCE, market_rates.plans(cloud, region))
