"""The preflight: what an identity can and cannot do in an account, before anything is tried.

It changes nothing and costs at most `capabilities.most_usd()`. All probes run side by side; none holds up the others.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from services.capabilities import BY_KEY, CAPABILITIES
from services.cloud import AccountKind, is_offered
from services.errors import DeckError, NotConnected, translated
from services.probes import FREE, Capability, Question, Read, Simulation
from services.refusals import Verdict, named_action, understand
from services.simulations import Decision, simulated

LONGEST_SECONDS = 55.0
"""After this a capability that has not answered is unknown: a preflight takes less than a minute."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was learnt of one capability."""

    capability: str
    verdict: Verdict
    reason: str = ""
    """Why it is not allowed: a key of the deck's words."""
    action: str = ""
    """The action that is missing: as AWS named it, else the one that was probed."""
    code: str = ""
    """AWS's error code."""
    message: str = ""
    """AWS's own words; they may name the account, people and resources."""
    seconds: float = 0.0
    usd: Decimal = FREE


@dataclass(frozen=True, slots=True)
class Report:
    """A whole preflight, its answers in the order of the capabilities."""

    account_id: str
    region: str
    at: datetime
    """When it began; aware UTC."""
    roles: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = field(default=())
    seconds: float = 0.0

    @property
    def usd(self) -> Decimal:
        return sum((answer.usd for answer in self.answers), FREE)

    @property
    def ready(self) -> bool:
        """Whether the deck can show this account truthfully."""
        return all(a.verdict is Verdict.ALLOWED for a in self.answers if BY_KEY[a.capability].needed)


def asked(question: Question, capabilities: Sequence[Capability] = CAPABILITIES) -> Iterator[Answer]:
    """The answers as they come, each capability once. Raises nothing: what fails is an answer."""
    first = [each for each in capabilities if not (isinstance(each.probe, Read) and each.probe.after)]
    waiting = {each.key: each for each in capabilities if each not in first}
    begun = time.monotonic()
    pool = ThreadPoolExecutor(max_workers=len(capabilities), thread_name_prefix="preflight")
    try:
        jobs = {pool.submit(_probe, question, each): each for each in first}
        while jobs:
            try:
                done = next(as_completed(jobs, timeout=max(0.0, LONGEST_SECONDS - (time.monotonic() - begun))))
            except OutOfTime:
                yield from (Answer(each.key, Verdict.UNKNOWN, "no_answer") for each in jobs.values())
                yield from (Answer(key, Verdict.UNKNOWN, "no_answer") for key in waiting)
                return
            answer = done.result()
            del jobs[done]
            yield answer
            for key in [key for key, each in waiting.items() if _after(each) == answer.capability]:
                follower = waiting.pop(key)
                if answer.verdict is Verdict.ALLOWED:
                    jobs[pool.submit(_probe, question, follower)] = follower
                else:
                    yield replace(answer, capability=key, seconds=0.0, usd=FREE)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def fly(question: Question, seen: Callable[[Answer], None] = lambda answer: None) -> Report:
    """The whole preflight; `seen` is told of every answer as it comes."""
    begun, answers = time.monotonic(), []
    for answer in asked(question):
        seen(answer)
        answers.append(answer)
    order = list(BY_KEY)
    answers.sort(key=lambda answer: order.index(answer.capability))
    return Report(
        question.cloud.account.account_id,
        question.cloud.region,
        question.now,
        tuple(question.passed_roles),
        tuple(answers),
        time.monotonic() - begun,
    )


def _after(capability: Capability) -> str:
    return capability.probe.after if isinstance(capability.probe, Read) else ""


def _probe(question: Question, capability: Capability) -> Answer:
    begun = time.monotonic()
    probe = capability.probe
    answer = _read(question, capability, probe) if isinstance(probe, Read) else _simulate(question, capability, probe)
    return replace(answer, seconds=time.monotonic() - begun)


def _read(question: Question, capability: Capability, probe: Read) -> Answer:
    cloud = question.cloud.at(probe.region) if probe.region else question.cloud
    action = capability.actions[0]
    try:
        with translated(capability.key):
            client = cloud.asked_once(probe.service) if probe.is_dear else cloud.client(probe.service)
            reply = getattr(client, probe.method)(**probe.request(question))
    except NotConnected as error:
        if not error.code and not is_offered(cloud.account, probe.service, cloud.region):
            return Answer(capability.key, Verdict.NOT_OFFERED, "not_here", action, message=error.message)
        return _refused(question, capability, probe, error)
    except DeckError as error:
        return _refused(question, capability, probe, error)
    lacks = probe.lacks(question, reply)
    verdict = LACKING.get(lacks, Verdict.ALLOWED)
    return Answer(capability.key, verdict, lacks, action if lacks else "", usd=_price(question, probe))


LACKING = {
    "practice_lacks": Verdict.NOT_OFFERED,
    "region_off": Verdict.NOT_ENABLED,
    "no_export": Verdict.NOT_ENABLED,
    "no_report": Verdict.NOT_ENABLED,
    "costs_not_ready": Verdict.NOT_READY,
}
"""What an answer shows to be missing, and what that makes of the capability."""


def _price(question: Question, probe: Read) -> Decimal:
    return FREE if question.cloud.account.kind is AccountKind.PRACTICE else probe.usd


def _refused(question: Question, capability: Capability, probe: Read, error: DeckError) -> Answer:
    verdict, reason = understand(error, probe.service, probe.method, question.cloud.account.kind)
    action = named_action(error.message) or capability.actions[0]
    return Answer(capability.key, verdict, reason, action, error.code, error.message, usd=_price(question, probe))


def _simulate(question: Question, capability: Capability, probe: Simulation) -> Answer:
    cloud = question.cloud
    try:
        if probe.passes_roles:
            return _decided(capability, _passed(question))
        arns = (arn.format(region=cloud.region, account=cloud.account.account_id) for arn in probe.resources)
        asked_of = zip(capability.actions, arns, strict=True)
        return _decided(capability, _worst(simulated(cloud, [action], [arn]) for action, arn in asked_of))
    except DeckError as error:
        return _untold(question, capability, error)


def _untold(question: Question, capability: Capability, error: DeckError) -> Answer:
    """The simulator gave no decision: because it may not be asked, or for a reason of its own."""
    verdict, reason = understand(error, "iam", "simulate_principal_policy", question.cloud.account.kind)
    action = named_action(error.message) or "iam:SimulatePrincipalPolicy"
    said = {Verdict.DENIED: "untold", Verdict.NOT_OFFERED: "untold_here"}.get(verdict, reason)
    return Answer(capability.key, Verdict.UNKNOWN, said, action, error.code, error.message)


def _passed(question: Question) -> Decision:
    """The first role that may not be passed decides."""
    if not question.passed_roles:
        return Decision(Verdict.UNKNOWN, "no_roles", "iam:PassRole")
    decisions = (
        simulated(question.cloud, ["iam:PassRole"], [role], service) for role, service in question.passed_roles.items()
    )
    return _worst(decisions)


def _worst(decisions: Iterable[Decision]) -> Decision:
    return next((decision for decision in decisions if decision.reason), Decision(Verdict.ALLOWED))


def _decided(capability: Capability, decision: Decision) -> Answer:
    return Answer(capability.key, decision.verdict, decision.reason, decision.action)
