"""Service Quotas for SageMaker: what holds, what AWS's default is, and increases that are asked for and approved."""

import secrets
from typing import Any

from practice import ACCOUNT_ID, figures, quotas
from practice.errors import ServiceError
from practice.lifecycles import Lifecycle, Transition, register
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource

SERVICE, SERVICE_NAME = "sagemaker", "Amazon SageMaker"
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
    return {"Services": [{"ServiceCode": SERVICE, "ServiceName": SERVICE_NAME}]}


@operation("service-quotas", "ListServiceQuotas")
def list_service_quotas(context: Context, request: Request) -> Reply:
    _check_service(request)
    wanted = request.get("QuotaCode")
    rows = [quota for quota in figures.default_quotas() if wanted in (None, quota.code)]
    if request.get("QuotaAppliedAtLevel") == "RESOURCE":
        rows = []  # SageMaker has none that apply to one resource alone
    shown, token = _page(rows, request, lambda quota: quota.code)
    return reply({"Quotas": [_quota(context, quota, applied=True) for quota in shown], "NextToken": token})


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(context: Context, request: Request) -> Reply:
    return {"Quota": _quota(context, _find(request), applied=True)}


@operation("service-quotas", "ListAWSDefaultServiceQuotas")
def list_aws_default_service_quotas(context: Context, request: Request) -> Reply:
    _check_service(request)
    shown, token = _page(figures.default_quotas(), request, lambda quota: quota.code)
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
        raise _unknown()
    return {"RequestedQuota": _change(context, found)}


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistory")
def list_requested_service_quota_change_history(context: Context, request: Request) -> Reply:
    if request.get("ServiceCode") is not None:
        _check_service(request)
    return _history(context, request, None)


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota")
def list_requested_service_quota_change_history_by_quota(context: Context, request: Request) -> Reply:
    return _history(context, request, _find(request).code)


def _history(context: Context, request: Request, code: str | None) -> Reply:
    wanted = request.get("Status")
    rows = [
        change
        for change in reversed(quotas.changes(context.world, context.region, code))
        if wanted in (None, change.state) and request.get("QuotaRequestedAtLevel") != "RESOURCE"
    ]
    shown, token = _page(rows, request, lambda change: change.name)
    return reply({"RequestedQuotas": [_change(context, change) for change in shown], "NextToken": token})


def _page(rows: Any, request: Request, key: Any) -> tuple[list[Any], str | None]:
    try:
        return page(rows, request, key, size=PAGE)
    except ServiceError as error:
        raise ServiceError("InvalidPaginationTokenException", "Invalid pagination token provided.") from error


def _check_service(request: Request) -> None:
    if request["ServiceCode"] != SERVICE:
        raise _unknown()


def _find(request: Request) -> figures.Quota:
    _check_service(request)
    found = next((quota for quota in figures.default_quotas() if quota.code == request["QuotaCode"]), None)
    if found is None:
        raise _unknown()
    return found


def _unknown() -> ServiceError:
    return ServiceError(
        "NoSuchResourceException", "The request failed because the specified service quota does not exist."
    )


def _illegal(message: str) -> ServiceError:
    return ServiceError("IllegalArgumentException", message)


def _arn(context: Context, code: str, *, applied: bool) -> str:
    # AWS's defaults belong to nobody: their ARNs carry no account.
    return f"arn:aws:servicequotas:{context.region}:{ACCOUNT_ID if applied else ''}:{SERVICE}/{code}"


def _quota(context: Context, quota: figures.Quota, *, applied: bool) -> Reply:
    value = quotas.in_force(context.world, context.region, quota) if applied else quota.default_value
    return reply(
        {
            "ServiceCode": SERVICE,
            "ServiceName": SERVICE_NAME,
            "QuotaArn": _arn(context, quota.code, applied=applied),
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "Value": value,
            "Unit": "None",
            "Adjustable": quota.adjustable,
            "GlobalQuota": False,
            "QuotaAppliedAtLevel": "ACCOUNT" if applied else None,
        }
    )


def _change(context: Context, change: Resource) -> Reply:
    quota = next(quota for quota in figures.default_quotas() if quota.code == change.document["QuotaCode"])
    return reply(
        {
            "Id": change.name,
            "CaseId": None if change.state == "PENDING" else change.document["CaseId"],
            "ServiceCode": SERVICE,
            "ServiceName": SERVICE_NAME,
            "QuotaCode": quota.code,
            "QuotaName": quota.name,
            "DesiredValue": change.document["DesiredValue"],
            "Status": change.state,
            "Created": change.created,
            "LastUpdated": change.modified,
            "Requester": f'{{"accountId":"{ACCOUNT_ID}","callerArn":"arn:aws:iam::{ACCOUNT_ID}:root"}}',
            "QuotaArn": _arn(context, quota.code, applied=True),
            "GlobalQuota": False,
            "Unit": "None",
            "QuotaRequestedAtLevel": "ACCOUNT",
        }
    )
