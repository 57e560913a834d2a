"""A preflight in words and colours: what a person reads, on a screen and in a terminal."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from pages.ui.formats import Language
from pages.ui.palette import Tone
from pages.ui.text import Safe, explain, t
from services.capabilities import BY_KEY, SWITCHES, fix
from services.cloud import AccountKind, Cloud
from services.preflights import Answer
from services.probes import Question
from services.profiles import LaunchProfile, practice_profile
from services.refusals import Verdict

TONES: dict[Verdict, Tone] = {
    Verdict.ALLOWED: Tone.HEALTHY,
    Verdict.DENIED: Tone.FAILED,
    Verdict.NOT_ENABLED: Tone.MOVING,
    Verdict.NOT_READY: Tone.MOVING,
    Verdict.NOT_OFFERED: Tone.STOPPED,
    Verdict.UNKNOWN: Tone.STOPPED,
}
ICONS: dict[Verdict, str] = {
    Verdict.ALLOWED: ":material/check_circle:",
    Verdict.DENIED: ":material/block:",
    Verdict.NOT_ENABLED: ":material/toggle_off:",
    Verdict.NOT_READY: ":material/hourglass_empty:",
    Verdict.NOT_OFFERED: ":material/do_not_disturb_on:",
    Verdict.UNKNOWN: ":material/help:",
}
"""A shape beside the colour, one for each verdict."""


TERMS: dict[str, str] = {
    "region": "region",
    "notebooks": "notebook_instance",
    "trainings": "training_job",
    "endpoints": "endpoint",
    "studio": "studio",
    "hyperpod": "cluster",
    "metrics": "metric",
    "tags": "tag",
    "past": "cloudtrail",
    "quotas": "service_quota",
    "pass_role": "role",
    "bucket": "bucket",
    "guards": "schedule",
    "set_guard": "auto_stop",
    "raise_quota": "service_quota",
    "offerings": "instance_type",
    "spot_prices": "spot",
    "prices": "price_list",
    "costs": "cost_explorer",
    "costs_by_resource": "cost_explorer",
    "exports": "data_export",
    "reports": "data_export",
    "budgets": "budget",
    "savings_plans": "savings_plan",
}
"""Capability → the word of the glossary that explains it; acts are explained by what they act on."""


def question(cloud: Cloud, profile: LaunchProfile | None = None) -> Question:
    """What to ask about an account. A real one without a profile has the SageMaker SDK's bucket and no roles."""
    usual = practice_profile(cloud.account.account_id, cloud.region)
    if cloud.account.kind is AccountKind.PRACTICE:
        profile = usual
    profile = profile or cloud.account.launch
    if profile is None:
        return Question(cloud, datetime.now(UTC), usual.bucket)
    passed = {profile.execution_role: "sagemaker.amazonaws.com", profile.scheduler_role: "scheduler.amazonaws.com"}
    passed.pop("", None)
    return Question(cloud, datetime.now(UTC), profile.bucket, passed)


def name(answer: Answer, spoken: Language | None = None) -> Safe:
    return t(f"preflight.cap_{answer.capability}", spoken=spoken)


def verdict(answer: Answer, spoken: Language | None = None) -> Safe:
    return t(f"preflight.verdict_{answer.verdict}", spoken=spoken)


def why(answer: Answer, spoken: Language | None = None) -> Safe:
    """Why it is not allowed; empty when it is."""
    if not answer.reason:
        return Safe("")
    return t(f"preflight.why_{answer.reason}", spoken=spoken, action=answer.action)


def remedy(answer: Answer) -> Safe:
    """What to do about it; empty when there is nothing to mend."""
    return t(f"preflight.fix_{answer.reason}", action=answer.action) if answer.reason else Safe("")


def statement(answer: Answer, roles: Sequence[str]) -> str:
    """The IAM statement that mends it, as JSON to copy; empty when none does."""
    said = fix(answer.capability, answer.reason, answer.action, roles)
    return json.dumps(said, indent=2) if said else ""


def switch(answer: Answer) -> str:
    """Where in the console it is mended; empty when nowhere."""
    return SWITCHES.get(answer.reason, "")


def explained(answer: Answer) -> Safe | None:
    """The hover of what the capability is about."""
    term = TERMS.get(answer.capability)
    return explain(term) if term else None


def is_needed(answer: Answer) -> bool:
    return BY_KEY[answer.capability].needed


def counted(answers: Sequence[Answer]) -> Counter[Verdict]:
    return Counter(answer.verdict for answer in answers)
