"""Line items by the million, as AWS's CUR 2.0 has them: a company with a few hundred resources and every way to pay."""

from datetime import date
from pathlib import Path

import duckdb

from services.bills.exports import COLUMNS

MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
RESOURCES = 4_000
_TYPES = "['ml.m5.large', 'ml.g5.xlarge', 'ml.g5.12xlarge', 'ml.t3.medium', 'c5.large', 'm5.xlarge', 'r5.large']"
_USAGE = "['Notebk', 'Train', 'TrSpt', 'Host', 'Processing', 'BoxUsage', 'SpotUsage', 'EBS:VolumeUsage.gp3']"
_TEAMS = "['risk', 'fraud', 'research', 'pricing', '']"

_VALUES = {
    "bill_payer_account_id": "'111122223333'",
    "bill_billing_period_start_date": "month",
    "identity_line_item_id": "md5(number::VARCHAR)",
    "identity_time_interval": "began::VARCHAR",
    "line_item_usage_account_id": "(444400000000 + resource % 7)::VARCHAR",
    "line_item_line_item_type": "if(reserved, 'DiscountedUsage', 'Usage')",
    "line_item_usage_start_date": "began",
    "line_item_usage_end_date": "began + INTERVAL 1 HOUR",
    "line_item_product_code": "if(sagemaker, 'AmazonSageMaker', 'AmazonEC2')",
    "line_item_usage_type": "'APN2-' || kind || if(kind LIKE 'EBS%', '', ':' || instance_type)",
    "line_item_operation": "if(sagemaker, 'RunInstance', 'RunInstances')",
    "line_item_resource_id": "'arn:aws:sagemaker:ap-northeast-2:444455556666:thing/' || resource",
    "line_item_usage_amount": "1.0",
    "line_item_currency_code": "'USD'",
    "line_item_unblended_cost": "if(reserved, 0, cost)",
    "line_item_line_item_description": "'$' || cost || ' per hour of ' || instance_type",
    "pricing_public_on_demand_cost": "cost",
    "pricing_unit": "'Hrs'",
    "product": "MAP {'product_name': if(sagemaker, 'Amazon SageMaker', 'Amazon Elastic Compute Cloud')}",
    "product_instance_type": "if(kind LIKE 'EBS%', '', instance_type)",
    "product_region_code": "'ap-northeast-2'",
    "reservation_reservation_a_r_n": "if(reserved, 'arn:aws:ec2:reserved/' || resource % 20, '')",
    "reservation_effective_cost": "if(reserved, cost * 0.6, 0)",
    "resource_tags": "MAP {'user_team': team, 'user_project': 'p' || resource % 30}",
}
"""Column → SQL; those that are not here are empty."""


def write(folder: Path, lines: int) -> list[Path]:
    """So many lines over three months, a file for each."""
    files = []
    selected = ", ".join(f"{_VALUES.get(name, _empty(name))} AS {name}" for name in COLUMNS)
    with duckdb.connect() as database:
        for month in MONTHS:
            path = folder / f"{month:%Y-%m}.parquet"
            database.execute(
                f"COPY (SELECT {selected} FROM ({_lines(month, lines // len(MONTHS))}))"  # noqa: S608 - our own words
                f" TO '{path}' (FORMAT parquet, COMPRESSION snappy)"
            )
            files.append(path)
    return files


def _empty(name: str) -> str:
    return "''" if name.endswith(("_a_r_n", "_type", "_id")) else "0.0"


def _lines(month: date, count: int) -> str:
    """Every resource bills every hour it is there; what it is follows from its number."""
    return f"""
        SELECT *, kind IN ('Notebk', 'Train', 'TrSpt', 'Host', 'Processing') AS sagemaker,
            kind = 'BoxUsage' AND resource % 3 = 0 AS reserved,
            round(0.05 + (hash(resource) % 500) / 100.0, 4) AS cost
        FROM (SELECT number, TIMESTAMP '{month}' AS month, number % {RESOURCES} AS resource,
            TIMESTAMP '{month}' + INTERVAL (number // {RESOURCES} % 720) HOUR AS began,
            {_USAGE}[1 + number % {RESOURCES} % 8] AS kind,
            {_TYPES}[1 + number % {RESOURCES} % 7] AS instance_type,
            {_TEAMS}[1 + number % {RESOURCES} % 5] AS team
        FROM range({count}) AS numbers(number))
    """  # noqa: S608 - our own words
