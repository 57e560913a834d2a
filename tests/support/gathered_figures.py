"""A small folder of gathered figures, with one row for each rule by which the shipped ones are chosen."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

LIST = "A: AWS price file"
HAND_KEPT = "D: hand-kept list; region not stated, taken as us-east-1"
DATES = {"source": "somewhere", "as_of": "2025-06-16"}


def spec(name: str, **gpu: Any) -> dict[str, Any]:
    none = dict.fromkeys(("accelerator_kind", "gpu_name", "gpu_manufacturer", "gpu_count", "gpu_memory_gib"))
    family = name.split(".")[0]
    shared = {"network_performance": "10 Gigabit", "current_generation": True, "spot_supported": True}
    machine = {"vcpu": 2, "memory_gib": 8.0, "arch": "x86_64", "local_storage_gb": None}
    return {"instance_type": name, "family": family, **machine, **shared, **none, **gpu, **DATES}


def ec2(name: str, usd: float, model: str = "on_demand", years: int | None = None) -> dict[str, Any]:
    terms = {"payment_option": "no_upfront", "offering_class": "standard"} if years else {}
    none = {"payment_option": None, "offering_class": None}
    rate = {"pricing_model": model, "term_years": years, **none, **terms, "price_usd_per_hour": usd}
    return {"region": "us-east-1", "instance_type": name, **rate, **DATES}


def ml(name: str, component: str, usd: str, evidence: str = LIST, as_of: str = "2025-06-16") -> dict[str, Any]:
    size = {"vcpu": "8.0", "memory_gib": "61.0"}
    rate = {"price_on_demand_usd_per_hour": usd, "evidence": evidence}
    return {
        "region": "us-east-1",
        "instance_type": name,
        "component": component,
        **size,
        **rate,
        **DATES,
        "as_of": as_of,
    }


def quota(code: str, name: str, instance_type: str = "", usage: str = "", **values: str) -> dict[str, Any]:
    shared = {"default_value": "", "default_value_as_of": "", "listed_2026_01": "True", "name_as_of": "2026-01-14"}
    row = {"quota_code": code, "quota_name": name, "instance_type": instance_type, "usage": usage, "adjustable": "True"}
    return row | shared | {"source": "somewhere"} | values


GATHERED: dict[str, list[dict[str, Any]]] = {
    "ec2_instance_types.parquet": [
        *(
            spec(name)
            for name in ("m5.large", "m7i.large", "p4d.24xlarge", "p4de.24xlarge", "inf1.xlarge", "z1d.large")
        ),
        spec("g5.xlarge", accelerator_kind="GPU", gpu_name="A10G", gpu_count=1.0, gpu_memory_gib=22.35),
    ],
    "ec2_offerings.parquet": [
        {"region": "us-east-1", "instance_type": name, "zones": "a,b", **DATES}
        for name in ("m5.large", "m7i.large", "g5.xlarge", "inf1.xlarge")
    ],
    "ec2_prices.parquet": [
        *(ec2("m5.large", 0.096), ec2("m5.large", 0.04, "spot"), ec2("m5.large", 0.06, "reserved", 1)),
        *(ec2("p4d.24xlarge", 20.0), ec2("p4d.24xlarge", 2.0, "spot"), ec2("p4d.24xlarge", 24.5, "reserved", 3)),
        *(ec2("m7i.large", 0.1008), ec2("m7i.large", 0.1008, "spot"), ec2("g5.xlarge", 1.006)),
        *(ec2("inf1.xlarge", 0.228), ec2("z1d.large", 0.2)),
    ],
    "ec2_spot_snapshots.parquet": [
        {"region": "us-east-1", "instance_type": "m5.large", "price_spot_usd_per_hour": 0.04, **DATES}
    ],
    "ec2_spot_advisor.parquet": [
        {
            "region": "us-east-1",
            "instance_type": "m5.large",
            **DATES,
            "savings_over_on_demand_pct": 60,
            "interruption_label": "<5%",
        }
    ],
    "sagemaker_prices.csv": [
        ml("ml.m5.large", "Studio-Notebook", "0.1150"),
        ml("ml.m5.large", "Training", "0.1151", as_of="2026-01-01"),
        ml("ml.m5.large", "Training", "0.1200", HAND_KEPT, as_of="2026-09-01"),
        ml("ml.m5.large", "Hosting", "0.1900", HAND_KEPT, as_of="2025-01-01"),
        ml("ml.m5.large", "Processing", "0.1151", HAND_KEPT, as_of="2025-01-01"),
        *(ml(name, "Studio-Notebook", "25.25") for name in ("ml.p4d.24xlarge", "ml.p4de.24xlarge")),
        ml("ml.g5.xlarge", "Hosting", "1.4084", HAND_KEPT) | {"source": "GitHub file index id 7"},
        *(ml(f"ml.p3.{size}", "Studio-Notebook", "3.825") for size in ("2xlarge", "8xlarge", "16xlarge")),
        ml("ml.z1d.large", "Studio-Notebook", "0.3"),
    ],
    "sagemaker_training_plans.csv": [
        {"region": "us-east-1", "instance_type": "ml.p4d.24xlarge", "price_usd_per_hour": "13.57", **DATES}
    ],
    "ebs_prices.csv": [
        {"region": region, "volume": volume, "price_usd_per_gb_month": "0.10", **DATES}
        for region in (
            *("ap-northeast-2", "ap-northeast-1", "ap-southeast-1", "us-east-1"),
            *("us-east-2", "us-west-2", "eu-west-1", "eu-central-1", "sa-east-1"),
        )
        for volume in (
            *("General Purpose", "General Purpose gp3", "General Purpose gp2", "Provisioned IOPS io1"),
            *("Provisioned IOPS io2", "Throughput Optimized HDD st1", "Cold HDD sc1", "Magnetic standard"),
        )
    ],
    "derived_sagemaker_to_ec2_ratio.csv": [
        {"instance_type": "ml.m5.large", "n_regions": "27", "ratio_median": "1.1979"},
        {"instance_type": "ml.z1d.large", "n_regions": "27", "ratio_median": "1.2"},
    ],
    "sagemaker_quotas_default.csv": [
        quota("L-1", "ml.m5.large for training job usage", "ml.m5.large", "training job", default_value="4.0"),
        quota("L-2", "ml.z1d.large for training job usage", "ml.z1d.large", "training job"),
        quota("L-3", "ml.m5.large for endpoint usage", "ml.m5.large", "endpoint", listed_2026_01="False"),
        quota("L-7A3DF611", "Number of instances across active endpoints"),
        quota("L-4", "Number of ml.p6-b200.48xlarge instances in reserved capacity"),
    ],
}


def gather(folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """Write the tables into a new folder, as they are gathered: parquet and CSV."""
    folder.mkdir()
    for name, rows in tables.items():
        if name.endswith(".parquet"):
            pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), folder / name)
            continue
        with (folder / name).open("w", newline="", encoding="utf-8") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return folder
