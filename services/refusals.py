"""What AWS means when it refuses: which policy, which switch, or that there is nothing to be had.

AWS has one code for many reasons; only its words tell them apart. Each rule says where the words come from. What an
access denied message looks like: docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.cloud import AccountKind
from services.errors import AccessDenied, DeckError, NotConnected, NotFound, Throttled, Unavailable


class Verdict(StrEnum):
    """What a preflight says of one capability."""

    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_ENABLED = "not_enabled"
    """A switch in the console is off."""
    NOT_OFFERED = "not_offered"
    """Not in this region, or not in this kind of account."""
    NOT_READY = "not_ready"
    """On its way: nothing is to be done but to wait, or to begin."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Refusal:
    """AWS's code and words, and what they mean. An empty `service` or `code` is any."""

    service: str
    code: str
    words: str
    """A pattern, in any case."""
    verdict: Verdict
    reason: str
    source: str


_COSTS = "docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html"
_RESOURCES = "docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsageWithResources.html"
_ACCESS = "docs.aws.amazon.com/cost-management/latest/userguide/ce-access.html"
_COMMON = "docs.aws.amazon.com/awssupport/latest/user/Common-Errors.html"
_DENIED = "docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"

REFUSALS: tuple[Refusal, ...] = (
    Refusal("", "NotImplemented", "practice account", Verdict.NOT_OFFERED, "practice_lacks", "practice/errors.py"),
    Refusal("", "UnknownOperationException", "", Verdict.NOT_OFFERED, "not_here", _COMMON),
    # Said of an account whose Cost Explorer nobody turned on, and of one whose IAM users may not see billing.
    Refusal("ce", "AccessDeniedException", "not enabled for cost explorer", Verdict.NOT_ENABLED, "costs_off", _ACCESS),
    # The management account decides for all members or for none; no policy in the member account helps.
    Refusal("", "", "(linked|member) accounts?.*(access|permitted|allowed)", Verdict.DENIED, "denied_payer", _ACCESS),
    Refusal("", "", "ask (the|your) (payer|management)", Verdict.DENIED, "denied_payer", _ACCESS),
    # The reference declares the code for both calls and says that the second is opt-in; it is asked only after the
    # first has answered, so what is missing is its own data.
    Refusal("ce", "DataUnavailableException", "", Verdict.NOT_READY, "costs_not_ready", _COSTS),
    Refusal("ce", "BillExpirationException", "", Verdict.NOT_READY, "costs_not_ready", _COSTS),
    Refusal("", "SubscriptionRequiredException", "", Verdict.NOT_ENABLED, "not_subscribed", _COMMON),
    Refusal("", "OptInRequired", "", Verdict.NOT_ENABLED, "not_subscribed", _COMMON),
)

BY_METHOD: dict[str, tuple[Refusal, ...]] = {
    "simulate_principal_policy": (
        Refusal(
            "iam",
            "",
            "root user",
            Verdict.UNKNOWN,
            "root",
            "docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html",
        ),
    ),
    "get_cost_and_usage_with_resources": (
        Refusal("ce", "DataUnavailableException", "", Verdict.NOT_ENABLED, "resources_off", _RESOURCES),
        Refusal("ce", "", r"resource.level|opt(ed)?.?in", Verdict.NOT_ENABLED, "resources_off", _RESOURCES),
    ),
    "head_bucket": (
        Refusal("s3", "404", "", Verdict.NOT_READY, "no_bucket", "a launch makes it: services/uploads.py"),
    ),
}
"""What a code means for one call alone; looked at first."""

DENIALS: tuple[tuple[str, str], ...] = (
    ("(service|resource) control policy", "denied_organization"),
    ("permissions boundary", "denied_boundary"),
    ("session policy", "denied_session"),
    ("vpc endpoint policy", "denied_endpoint"),
    ("explicit deny", "denied_explicit"),
    ("no resource-based policy", "denied_resource"),
    ("no identity-based policy", "denied_no_policy"),
)
"""Words of an access denied message → the reason, in this order: an explicit deny of an SCP is the organization's."""

_ACTION = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z0-9]+)")
_UNKNOWN: dict[type[DeckError], str] = {Throttled: "throttled", Unavailable: "no_answer", NotFound: "other"}


def understand(error: DeckError, service: str, method: str, kind: AccountKind) -> tuple[Verdict, str]:
    """The verdict and the reason of a call that failed."""
    for rule in (*BY_METHOD.get(method, ()), *REFUSALS):
        if _fits(rule, error, service) and (rule.reason != "practice_lacks" or kind is AccountKind.PRACTICE):
            return rule.verdict, rule.reason
    if isinstance(error, AccessDenied) or _ACTION.search(error.message):
        return Verdict.DENIED, denial(error.message)
    if isinstance(error, NotConnected):
        return Verdict.UNKNOWN, "signed_out" if error.code else "no_answer"
    return Verdict.UNKNOWN, _UNKNOWN.get(type(error), "other")


def denial(message: str) -> str:
    """Which kind of policy denied, as far as AWS says."""
    return next((reason for words, reason in DENIALS if re.search(words, message, re.IGNORECASE)), "denied")


def named_action(message: str) -> str:
    """The action that AWS says is missing, empty when it names none."""
    found = _ACTION.search(message)
    return found.group(1) if found else ""


def _fits(rule: Refusal, error: DeckError, service: str) -> bool:
    return (
        rule.service in ("", service)
        and rule.code in ("", error.code)
        and re.search(rule.words, error.message, re.IGNORECASE) is not None
    )
