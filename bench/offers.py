"""Offers: the search over every way to buy in eight regions, and over two million against the same asked bare."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from bench.harness import Figure, median_seconds
from services import offer_rates
from services.offer_rates import Layer
from services.offers import Offers, Wanted

if TYPE_CHECKING:
    import pyarrow as pa

TIMES = 15
MILLIONS = 2_000_000
ASKED = Wanted(hours=200, least_gpus=1, least_gb_per_gpu=24, accelerators=("GPU",), components=("training",))
ANYTHING = Wanted(hours=200)
BARE = """
SELECT * FROM (SELECT *, if(term_years = 0, usd_per_hour * 200, effective_usd_per_hour * 730) AS month_usd FROM offers)
WHERE (service = 'ec2' OR component = 'training') AND accelerator = 'GPU' AND gpu_count >= 1 AND gb_per_gpu >= 23.99
AND offered ORDER BY month_usd, effective_usd_per_hour LIMIT 200
"""
BARE_COUNT = """
SELECT count(*) FROM offers WHERE (service = 'ec2' OR component = 'training') AND accelerator = 'GPU'
AND gpu_count >= 1 AND gb_per_gpu >= 23.99 AND offered
"""


def figures() -> Iterator[Figure]:
    shipped = Offers((Layer("catalogue", offer_rates.catalogue()),))
    yield _figure("offers: one GPU of 24 GB, all of the catalogue", shipped, ASKED, at_most=30)
    yield _figure("offers: everything there is, the cheapest 200", shipped, ANYTHING, at_most=30)
    many = Offers((Layer("catalogue", multiplied(MILLIONS)),))
    bare = median_seconds(lambda: _bare(many), TIMES) * 1000
    took = median_seconds(lambda: many.search(ASKED), TIMES) * 1000
    name = f"offers: the same over {MILLIONS:,}"
    yield Figure(name, took, "ms", at_most=300, floor=bare, ratio_at_most=1.2)


def _figure(name: str, offers: Offers, wanted: Wanted, *, at_most: float) -> Figure:
    return Figure(name, median_seconds(lambda: offers.search(wanted), TIMES) * 1000, "ms", at_most=at_most)


def _bare(offers: Offers) -> object:
    """The same question in DuckDB's own words, its answer as tuples."""
    with offers.cursor() as cursor:
        return cursor.execute(BARE_COUNT).fetchall(), cursor.execute(BARE).fetchall()


def multiplied(rows: int) -> "pa.Table":
    """The catalogue again and again, each time a little dearer and of another offering class, up to `rows` rows."""
    import pyarrow as pa

    catalogue = offer_rates.catalogue()
    times = -(-rows // catalogue.num_rows)
    copies = [_dearer(catalogue, number) for number in range(times)]
    return pa.concat_tables(copies).slice(0, rows)


def _dearer(catalogue: "pa.Table", number: int) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    shift = pa.scalar(Decimal(number) / 1_000_000, pa.decimal128(18, 9))
    table = catalogue
    for name in ("usd_per_hour", "effective_usd_per_hour"):
        dearer = pc.add(table[name].cast(pa.decimal128(18, 9)), shift)
        table = table.set_column(table.column_names.index(name), name, dearer.cast(pa.string()))
    copy = pc.binary_join_element_wise(table["offering_class"], pa.scalar(str(number)), "-")
    return table.set_column(table.column_names.index("offering_class"), "offering_class", copy)
