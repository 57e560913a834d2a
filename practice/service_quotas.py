"""Service Quotas for SageMaker and EC2: what holds, what AWS's default is, and increases asked for and approved."""

import secrets
from collections.abc import Callable, Sequence

from practice import ACCOUNT_ID, quota_figures, quotas
from practice.errors import ServiceError
from practice.lifecycles import Lifecycle, Transition, register
from practice.listing import Row, page, reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource

SERVICES = {"ec2": "Amazon Elastic Compute Cloud (Amazon EC2)", "sagemaker": "Amazon SageMaker"}
PAGE = 100
"""docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html"""
HOUR = 3600.0

register(
    Lifecycle(
        quotas.KIND,
        (
            Transition("PENDING", "open case", "CASE_OPENED", after_seconds=HOUR),
            Transition("CASE_OPENED", "approve", quotas.APPROVED, after_seconds=30 * HOUR),
        ),
    )
)


@operation("service-quotas", "ListServices")
def list_services(context: Context, request: Request) -> Reply:
    return {"Services": [{"ServiceCode": code, "ServiceName": name} for code, name in SERVICES.items()]}


@operation("service-quotas", "ListServiceQuotas")
def list_service_quotas(context: Context, request: Request) -> Reply:
    _check_service(request)
    wanted = request.get("QuotaCode")
    rows = [quota for quota in quota_figures.quotas_of(request["ServiceCode"]) if wanted in (None, quota.code)]
    if request.get("QuotaAppliedAtLevel") == "RESOURCE":
        rows = []  # neither service has any that apply to one resource alone
    shown, token = page_of(rows, request, lambda quota: quota.code)
    return reply({"Quotas": [_quota(context, quota, applied=True) for quota in shown], "NextToken": token})


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(context: Context, request: Request) -> Reply:
    return {"Quota": _quota(context, _find(request), applied=True)}


@operation("service-quotas", "ListAWSDefaultServiceQuotas")
def list_aws_default_service_quotas(context: Context, request: Request) -> Reply:
    _check_service(request)
    shown, token = page_of(quota_figures.quotas_of(request["ServiceCode"]), request, lambda quota: quota.code)
    return reply({"Quotas": [_quota(context, quota, applied=False) for quota in shown], "NextToken": token})


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_aws_default_service_quota(context: Context, request: Request) -> Reply:
    return {"Quota": _quota(context, _find(request), applied=False)}


@operation("service-quotas", "RequestServiceQuotaIncrease")
def request_service_quota_increase(context: Context, request: Request) -> Reply:
    quota, desired = _find(request), request["DesiredValue"]
    if not quota.adjustable:
        raise _illegal(f"The quota {quota.code} is not adjustable.")
    if any(change.state != quotas.APPROVED for change in quotas.changes(context.world, context.region, quota.code)):
        raise ServiceError(
            "ResourceAlreadyExistsException",
            "Only one open service quota increase request is allowed per quota. For more information, see the request "
            "history.",
        )
    now = quotas.in_force(context.world, context.region, quota) or 0
    if desired <= now:
        raise _illegal("You must provide a quota value greater than the current quota value.")
    identity = secrets.token_hex(20)
    document = {"QuotaCode": quota.code, "DesiredValue": desired, "CaseId": str(10**13 + secrets.randbelow(10**13))}
    arn = context.arn(f"request/{identity}", "servicequotas")
    return {"RequestedQuota": _change(context, context.world.add(quotas.KIND, context.region, identity, arn, document))}


@operation("service-quotas", "GetRequestedServiceQuotaChange")
def get_requested_service_quota_change(context: Context, request: Request) -> Reply:
    found = context.world.get(quotas.KIND, context.region, request["RequestId"])
    if found is None:
        raise unknown()
    return {"RequestedQuota": _change(context, found)}


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistory")
def list_requested_service_quota_change_history(context: Context, request: Request) -> Reply:
    if request.get("ServiceCode") is not None:
        _check_service(request)
    return _history(context, request)


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota")
def list_requested_service_quota_change_history_by_quota(context: Context, request: Request) -> Reply:
    return _history(context, request, _find(request).code)


def _history(context: Context, request: Request, code: str | None = None) -> Reply:
    status, service = request.get("Status"), request.get("ServiceCode")
    rows = [
        change
        for change in reversed(quotas.changes(context.world, context.region, code))
        if status in (None, change.state)
        and service in (None, _quota_of(change).service)
        and request.get("QuotaRequestedAtLevel") != "RESOURCE"
    ]
    shown, token = page_of(rows, request, lambda change: change.name)
    return reply({"RequestedQuotas": [_change(context, change) for change in shown], "NextToken": token})


def page_of(
    rows: Sequence[Row], request: Request, key: Callable[[Row], str], size: int = PAGE
) -> tuple[list[Row], str | None]:
    """One page and the token of the next, with Service Quotas' own error. Raises: InvalidPaginationTokenException."""
    try:
        return page(rows, request, key, size=size)
    except ServiceError as error:
        raise ServiceError("InvalidPaginationTokenException", "Invalid pagination token provided.") from error


def _check_service(request: Request) -> None:
    if request["ServiceCode"] not in SERVICES:
        raise unknown()


def _find(request: Request) -> quota_figures.Quota:
    _check_service(request)
    known = quota_figures.quotas_of(request["ServiceCode"])
    found = next((quota for quota in known if quota.code == request["QuotaCode"]), None)
    if found is None:
        raise unknown()
    return found


def unknown() -> ServiceError:
    """What there is not: a service, a quota, a request or a report."""
    return ServiceError(
        "NoSuchResourceException", "The request failed because the specified service quota does not exist."
    )


def _illegal(message: str) -> ServiceError:
    return ServiceError("IllegalArgumentException", message)


def _arn(context: Context, quota: quota_figures.Quota, *, applied: bool) -> str:
    # AWS's defaults belong to nobody: their ARNs carry no account.
    return f"arn:aws:servicequotas:{context.region}:{ACCOUNT_ID if applied else ''}:{quota.service}/{quota.code}"


def _quota_of(change: Resource) -> quota_figures.Quota:
    known = (quota for service in SERVICES for quota in quota_figures.quotas_of(service))
    return next(quota for quota in known if quota.code == change.document["QuotaCode"])


def _quota(context: Context, quota: quota_figures.Quota, *, applied: bool) -> Reply:
    value = quotas.in_force(context.world, context.region, quota) if applied else quota.default_value
    return reply(
        {
            "ServiceCode": quota.service,
            "ServiceName": SERVICES[quota.service],
            "QuotaArn": _arn(context, quota, applied=applied),
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": value,
            "Unit": "None",
            "Adjustable": quota.adjustable,
            "GlobalQuota": False,
            "QuotaAppliedAtLevel": "ACCOUNT" if applied else None,
            "UsageMetric": quotas.usage_metric(quota),
        }
    )


def _change(context: Context, change: Resource) -> Reply:
    quota = _quota_of(change)
    return reply(
        {
            "Id": change.name,
            "CaseId": None if change.state == "PENDING" else change.document["CaseId"],
            "ServiceCode": quota.service,
            "ServiceName": SERVICES[quota.service],
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "DesiredValue": change.document["DesiredValue"],
            "Status": change.state,
            "Created": change.created,
            "LastUpdated": change.modified,
            "Requester": f'{{"accountId":"{ACCOUNT_ID}","callerArn":"arn:aws:iam::{ACCOUNT_ID}:root"}}',
            "QuotaArn": _arn(context, quota, applied=True),
            "GlobalQuota": False,
            "Unit": "None",
            "QuotaRequestedAtLevel": "ACCOUNT",
        }
    )
