"""Quota utilization reports: what is used of every quota of a region, begun now and read some seconds later.

docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetQuotaUtilizationReport.html
"""

import secrets
from typing import Any

from practice import quotas
from practice.borrowed import vcpus
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import reply
from practice.operations import Context, Reply, Request, operation
from practice.quota_figures import Quota, default_quotas, ec2_quotas
from practice.sagemaker import limits
from practice.service_quotas import SERVICES, page_of, unknown
from practice.world import Resource, World

KIND = "quota-utilization-report"
PAGE = 1000


def _complete(world: World, report: Resource) -> None:
    uses = list(limits.uses(world, report.region))
    counted = [(quota, limits.total(uses, quota.usage or "", quota.instance_type)) for quota in _of_sagemaker()]
    counted += [(quota, vcpus.in_use(report.region, quota.usage or "", quota.instance_type)) for quota in ec2_quotas()]
    rows = [_row(quota, quotas.in_force(world, report.region, quota) or 0, used) for quota, used in counted]
    rows = [row for row in rows if row["AppliedValue"] or row["Utilization"]]
    rows.sort(key=lambda row: (-row["Utilization"], row["ServiceCode"], row["QuotaCode"]))
    world.move(report, "complete", {"Quotas": rows})


def _of_sagemaker() -> list[Quota]:
    """Those that count instances of the account: what one job or endpoint may have is used up by nothing."""
    return [quota for quota in default_quotas() if quota.unit == "instances" and quota.scope != "resource"]


def _row(quota: Quota, applied: float, used: int) -> dict[str, Any]:
    metric = quotas.usage_metric(quota)
    return reply(
        {
            "QuotaCode": quota.code,
            "ServiceCode": quota.service,
            "QuotaName": quota.name,
            "Namespace": metric["MetricNamespace"] if metric else None,
            "Utilization": used / applied * 100 if applied else 100.0 * bool(used),
            "DefaultValue": quota.default_value,
            "AppliedValue": applied,
            "ServiceName": SERVICES[quota.service],
            "Adjustable": quota.adjustable,
        }
    )


register(
    Lifecycle(
        KIND,
        (
            Transition("PENDING", "begin", "IN_PROGRESS", after_seconds=1),
            Transition("IN_PROGRESS", "complete", "COMPLETED", after_seconds=4),
            # AWS deletes a report after 15 minutes.
            Transition("COMPLETED", "expire", GONE, after_seconds=900),
        ),
        due={"complete": _complete},
    )
)


@operation("service-quotas", "StartQuotaUtilizationReport")
def start_quota_utilization_report(context: Context, request: Request) -> Reply:
    identity = secrets.token_hex(16)
    report = context.world.add(
        KIND, context.region, identity, context.arn(f"report/{identity}", "servicequotas"), {"Quotas": []}
    )
    return {"ReportId": report.name, "Status": report.state}


@operation("service-quotas", "GetQuotaUtilizationReport")
def get_quota_utilization_report(context: Context, request: Request) -> Reply:
    report = context.world.get(KIND, context.region, request["ReportId"])
    if report is None:
        raise unknown()
    if report.state != "COMPLETED":
        return {"ReportId": report.name, "Status": report.state}
    rows = report.document["Quotas"]
    shown, token = page_of(rows, request, lambda row: f"{row['ServiceCode']}/{row['QuotaCode']}", PAGE)
    return reply(
        {
            "ReportId": report.name,
            "Status": report.state,
            "GeneratedAt": report.modified,
            "TotalCount": len(rows),
            "Quotas": shown,
            "NextToken": token,
        }
    )
