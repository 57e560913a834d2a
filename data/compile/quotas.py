"""SageMaker's default quotas: AWS's own codes, names and values."""

import re
from pathlib import Path
from typing import Final

from data.compile.scope import FAMILIES, LISTED, MISSING, family_of
from data.compile.tables import Row, money, read

USAGES: Final = {
    "notebook instance": "notebook",
    "training job": "training",
    "spot training job": "spot_training",
    "training warm pool": "warm_pool",
    "processing job": "processing",
    "transform job": "transform",
    "endpoint": "endpoint",
    "cluster": "cluster",
    "Studio JupyterLab Apps": "studio_jupyterlab",
    "Studio CodeEditor Apps": "studio_code_editor",
    "Studio KernelGateway Apps": "studio_kernel_gateway",
    "RSessionGateway Apps": "rsession_gateway",
    "RStudioServerPro Apps": "rstudio",
    "Canvas Apps": "canvas",
}

AGGREGATES: Final = {
    "L-04CE2E67": ("notebook", "account", "instances"),
    "L-E4B12EA2": ("notebook", "account", "gib"),
    "L-00C91CB5": ("training", "account", "instances"),
    "L-622CFD70": ("training", "resource", "instances"),
    "L-33A961FD": ("training", "resource", "seconds"),
    "L-C5A266EB": ("training", "resource", "gib"),
    "L-93958082": ("spot_training", "account", "instances"),
    "L-DB62C864": ("spot_training", "resource", "instances"),
    "L-F311B08F": ("processing", "account", "instances"),
    "L-A5D63399": ("processing", "resource", "instances"),
    "L-EA47BDD3": ("processing", "resource", "seconds"),
    "L-D7BEE2A3": ("processing", "resource", "gib"),
    "L-60D2A6F0": ("transform", "account", "instances"),
    "L-7A3DF611": ("endpoint", "account", "instances"),
    "L-ED8DEE9B": ("endpoint", "resource", "instances"),
}
"""Quotas over all types of a usage: usage, whether they count the account's or one resource's, and the unit."""

TYPE_IN_NAME: Final = re.compile(r"ml[.-](\w+)[.-][\w-]+")


def quotas(folder: Path) -> list[Row]:
    """The quotas still listed: those of shipped instance families and those of no one type.

    A quota whose value is not known is kept without one. Values are of us-east-1; AWS's defaults do not
    vary by region as far as is known.
    """
    return [
        _quota(row)
        for row in read(folder / "sagemaker_quotas_default.csv")
        if row["listed_2026_01"] == "True" and _shipped(row)
    ]


def _shipped(row: Row) -> bool:
    if row["instance_type"]:
        return family_of(row["instance_type"]) in FAMILIES
    named = TYPE_IN_NAME.search(row["quota_name"])
    return named is None or named[1] in FAMILIES


def _quota(row: Row) -> Row:
    aggregate = AGGREGATES.get(row["quota_code"], (None, "other", None))
    usage, scope, unit = (USAGES[row["usage"]], "instance_type", "instances") if row["instance_type"] else aggregate
    value = row["default_value"]
    return {
        "quota_code": row["quota_code"],
        "quota_name": row["quota_name"],
        "scope": scope,
        "usage": usage,
        "instance_type": row["instance_type"],
        "unit": unit,
        "default_value": money(value) if value is not None else None,
        "adjustable": row["adjustable"] == "True",
        "as_of": row["default_value_as_of"] or row["name_as_of"],
        "name_as_of": row["name_as_of"],
        "source": row["source"],
        "confidence": MISSING if value is None else LISTED,
    }
