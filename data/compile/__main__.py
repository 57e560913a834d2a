"""`python -m data.compile FOLDER [--out data]`: compile every shipped table from the folder of gathered figures."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from data.compile import ec2, machines, quotas, ratios, sagemaker, savings_plans
from data.compile.tables import write_csv, write_parquet

PLACES: Final = ("zones", "note")
DATED: Final = ("as_of", "source", "confidence")
TERMS: Final = ("purchase_option", "term_years", "payment_option", "offering_class")
RATES: Final = ("usd_per_hour", "upfront_usd", "effective_usd_per_hour")
GPU: Final = ("accelerator", "gpu_name", "gpu_manufacturer", "gpu_count", "gpu_memory_gib")
FLAGS: Final = ("current_generation", "spot_supported")
SPEC: Final = (
    "family",
    "vcpu",
    "memory_gib",
    "architecture",
    *GPU,
    "local_storage_gb",
    "network_performance",
    *FLAGS,
    "components",
)
QUOTA: Final = ("quota_code", "quota_name", "scope", "usage", "instance_type", "unit", "default_value", "adjustable")


def compile_all(folder: Path, out: Path) -> None:
    """Write every table of the catalogue into `out`."""
    known = ratios.ratios(folder, machines.api_components())
    ec2_prices, sagemaker_prices = ec2.ec2_prices(folder), sagemaker.sagemaker_prices(folder, known)
    tables = {
        "instance_types": (machines.instance_types(folder), ("instance_type", *SPEC)),
        "offerings": (machines.offerings(folder), ("region", "service", "instance_type", *PLACES)),
        "ec2_prices": (ec2_prices, ("region", "instance_type", *TERMS, *RATES, "note")),
        "spot_history": (ec2.spot_history(folder), ("region", "instance_type", "usd_per_hour", "note")),
        "spot_advice": (ec2.spot_advice(folder), ("region", "instance_type", "interruption", "savings_pct")),
        "sagemaker_prices": (sagemaker_prices, ("region", "instance_type", "component", "usd_per_hour", "note")),
        "savings_plan_rates": (
            savings_plans.savings_plan_rates(ec2_prices, sagemaker_prices),
            ("region", "instance_type", "component", "plan_type", *TERMS[1:3], "usd_per_hour", "note"),
        ),
        "quotas": (quotas.quotas(folder), (*QUOTA, "name_as_of")),
    }
    for name, (rows, columns) in tables.items():
        write_parquet(out / f"{name}.parquet", rows, (*columns, *DATED))
    storage = ("region", "storage", "usd_per_gib_month", "note", *DATED)
    write_csv(out / "storage_prices.csv", ec2.storage_prices(folder), storage)
    write_csv(out / "regions.csv", machines.regions(), ("region", "name_en", "name_ko", *DATED))
    write_csv(out / "ratios.csv", ratios.rows(known.values()), ("instance_type", "ratio", "basis", *DATED))


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and compile."""
    parser = ArgumentParser(prog="python -m data.compile", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the gathered figures lie")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args(arguments)
    compile_all(options.folder, options.out)


if __name__ == "__main__":
    main()
