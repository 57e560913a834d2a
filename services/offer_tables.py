"""One table of offers from layers of rates: joined with what a type has, where it is offered and what counts it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services import figures
from services.offer_rates import COLUMNS, KEY, Layer

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GIB_IN_GB = 2**30 / 10**9

_USAGE = """CASE WHEN service = 'ec2' THEN if(purchase_option = 'spot', 'ec2_spot', 'ec2')
    WHEN purchase_option = 'managed_spot' THEN 'spot_training'
    WHEN component IN ('hosting', 'async_inference') THEN 'endpoint'
    WHEN component = 'batch_transform' THEN 'transform'
    WHEN component = 'studio' THEN 'studio_jupyterlab'
    ELSE component END"""

_BUILD = f"""
CREATE TABLE offers AS
SELECT rates.* EXCLUDE (rank, as_of, usd_per_hour, upfront_usd, effective_usd_per_hour), rates.as_of::DATE AS as_of,
    rates.usd_per_hour::DECIMAL(18, 9) AS usd_per_hour, rates.upfront_usd::DECIMAL(18, 2) AS upfront_usd,
    rates.effective_usd_per_hour::DECIMAL(18, 9) AS effective_usd_per_hour,
    {_USAGE} AS usage, offerings.instance_type IS NOT NULL AS offered,
    types.vcpu, types.memory_gib, types.architecture, types.accelerator, types.gpu_name,
    coalesce(types.gpu_count, 0) AS gpu_count,
    coalesce(types.gpu_memory_gib, 0) AS gpu_memory_gib,
    (accelerators.tflops * types.gpu_count)::DECIMAL(18, 3) AS tflops,
    coalesce(types.gpu_memory_gib / types.gpu_count * {GIB_IN_GB}, 0) AS gb_per_gpu
FROM rates
JOIN types ON types.instance_type = if(rates.service = 'ec2', rates.instance_type, rates.instance_type[4:])
LEFT JOIN (SELECT region, instance_type FROM offerings) AS offerings
    ON offerings.region = rates.region AND offerings.instance_type = rates.instance_type
LEFT JOIN accelerators ON accelerators.accelerator = types.gpu_name
ORDER BY rates.purchase_option, rates.region, rates.instance_type
"""  # noqa: S608 - constants of this module


def build(layers: Sequence[Layer]) -> "DuckDBPyConnection":
    """A database in memory with the table `offers`. Of each way to buy the first layer that has it counts."""
    import duckdb

    database = duckdb.connect()
    shared = ", ".join(f'"{column}"' for column in COLUMNS)
    parts = []
    for rank, layer in enumerate(layers):
        database.register(f"layer_{rank}", layer.rates)
        parts.append(f"SELECT {shared}, '{layer.name}' AS layer, {rank} AS rank FROM layer_{rank}")  # noqa: S608
    first = f"row_number() OVER (PARTITION BY {', '.join(KEY)} ORDER BY rank) = 1"
    database.execute(f"CREATE VIEW rates AS SELECT * FROM ({' UNION ALL '.join(parts)}) QUALIFY {first}")  # noqa: S608
    for name, reader in (
        ("types", f"read_parquet('{figures.FOLDER / 'instance_types.parquet'}')"),
        ("offerings", f"read_parquet('{figures.FOLDER / 'offerings.parquet'}')"),
        ("accelerators", f"read_csv('{figures.FOLDER / 'accelerators.csv'}')"),
    ):
        database.execute(f"CREATE VIEW {name} AS SELECT * FROM {reader}")  # noqa: S608 - our own path
    database.execute(_BUILD)
    return database
