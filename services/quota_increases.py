"""Requests for higher quotas: which may be asked for, and the plan that asks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services import default_quotas, ec2_quotas
from services.errors import InvalidRequest
from services.plans import Act, Call, Check, Plan, Quota, Severity


@dataclass(frozen=True, slots=True)
class Increase:
    """A wish for a higher value of one region's quota."""

    region: str
    quota: Quota
    wanted: int
    """instances or vCPUs, whichever the quota counts."""
    service: str = "sagemaker"
    """As Service Quotas names it: sagemaker, ec2."""


def plan_increases(increases: Sequence[Increase]) -> Plan:
    """Ask AWS for higher values, a call each. It costs nothing and is answered within hours to days.

    A value that is not above the one that applies is refused in the plan. Raises: InvalidRequest that names the quota,
    for one that cannot be raised, is asked for twice or is of another region than the others; and for none.
    """
    if not increases:
        raise InvalidRequest("There is no quota to raise.", resource="quotas")
    for increase in increases:
        _check(increase, increases[0].region)
    ((code, times),) = Counter(each.quota.code for each in increases).most_common(1)
    if times > 1:
        raise InvalidRequest(f"{code} is asked for {times} times.", resource=code)
    return Plan(
        Act.REQUEST,
        "quota",
        ", ".join(each.quota.name for each in increases),
        increases[0].region,
        tuple(_request(each) for each in increases),
        checks=tuple(
            Check(Severity.REFUSAL, "quota_not_higher", {"limit": each.quota.limit, "wanted": each.wanted})
            for each in increases
            if each.wanted <= each.quota.limit
        ),
    )


def _check(increase: Increase, region: str) -> None:
    code = increase.quota.code
    adjustable = _adjustable(increase.service).get(code)
    if adjustable is None:
        raise InvalidRequest(f"There is no quota {code} of {increase.service}.", resource=code)
    if not adjustable:
        raise InvalidRequest(f"AWS does not raise {code}, {increase.quota.name}.", resource=code)
    if increase.region != region:
        raise InvalidRequest(f"{code} is of {increase.region}, the others of {region}.", resource=code)
    if increase.wanted != int(increase.wanted):
        raise InvalidRequest(f"{increase.wanted} of {code} is no whole number.", resource=code)


def _adjustable(service: str) -> dict[str, bool]:
    """Code → whether AWS raises it, of every quota there are figures for."""
    if service == "ec2":
        return {quota.code: quota.adjustable for quota in ec2_quotas.listed()}
    return {quota.code: quota.adjustable for quota in default_quotas.quotas()} if service == "sagemaker" else {}


def _request(increase: Increase) -> Call:
    request = {
        "ServiceCode": increase.service,
        "QuotaCode": increase.quota.code,
        "DesiredValue": float(increase.wanted),
    }
    return Call("service-quotas", "request_service_quota_increase", request)
