"""The one place that carries a plan out: access rule, ledger row, AWS call, ledger result.

SageMaker's Create calls have no client token. A resource is therefore created under a name that the plan fixed and
tagged with the plan's intent: when a name is taken, the tag says whether it was this very wish that took it.
"""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from services import clocks, limits
from services.access import Actor, require, require_changes
from services.cloud import Cloud
from services.errors import DeckError, InvalidRequest, NotConnected, NotFound, Throttled, Unavailable, translated
from services.ledger import Action, Ledger, State
from services.plans import Call, Plan, refuses
from services.witnesses import made_by_intent, takes_effect

WORKERS = 8

LOST = (Unavailable, NotConnected)
"""After these a call may have happened: a connection that is refused may have been lost by a try before."""


_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="launch")
_under_way: dict[str, "Future[Action]"] = {}
_lock = threading.Lock()


def carry_out(cloud: Cloud, ledger: Ledger, plan: Plan, actor: Actor) -> Action:
    """Do what the plan says, once, and return its ledger row when it has ended (done, failed or unknown).

    The worker that makes the calls outlives the caller: a closed browser tab changes nothing. A plan whose intent was
    recorded before is not sent again; its row is returned.
    Raises: AccessDenied, NotConnected, InvalidRequest (a plan that is refused, by its own checks or by the account's
    limits, is never sent).
    """
    return submit(cloud, ledger, plan, actor).result()


def submit(cloud: Cloud, ledger: Ledger, plan: Plan, actor: Actor) -> "Future[Action]":
    """As `carry_out`, without waiting."""
    require(actor, plan.act)
    require_changes(cloud.account)
    cloud.ready()
    now = clocks.account_time(cloud.account)
    if plan.refused or any(refuses(check) for check in limits.check_plan(plan, cloud.account.launch, now)):
        raise InvalidRequest(f"{plan.act} {plan.kind} {plan.name}: this plan is refused by its own checks")
    with _lock:
        action, new = ledger.open(plan, actor.name, cloud.account.key, now)
        if new:
            _under_way[plan.intent] = _workers.submit(_run, cloud.at(plan.region), ledger, action, plan.calls)
        running = _under_way.get(plan.intent)
    if running is not None:
        return running
    ended: Future[Action] = Future()
    ended.set_result(action)
    return ended


def is_under_way(intent: str) -> bool:
    """Whether this process is carrying the intent out at this moment."""
    running = _under_way.get(intent)
    return running is not None and not running.done()


def run_steps(
    cloud: Cloud, ledger: Ledger, action: Action, calls: list[tuple[int, Call]], *, begun: bool = False
) -> Action:
    """Make the calls in order, each recorded before and after; stop at the first that fails.

    What was `begun` by a call that takes effect is not given up for being asked too often: it stays unknown, and is
    completed by reconciliation.
    """
    for position, call in calls:
        ledger.start_step(action.id, position, call.service, call.method)
        try:
            request_id = send(cloud, call, action.name)
        except DeckError as exc:
            open_still = isinstance(exc, LOST) or (begun and isinstance(exc, Throttled))
            state = State.UNKNOWN if open_still else State.FAILED
            ledger.end_step(action.id, position, state, error=exc.message)
            return _end(cloud, ledger, action, state, exc.message)
        ledger.end_step(action.id, position, State.DONE, request_id)
        begun = begun or takes_effect(call)
    return _end(cloud, ledger, action, State.DONE)


def send(cloud: Cloud, call: Call, resource: str) -> str:
    """Make one call; returns AWS's request id. A name taken by this very intent counts as done, and so does the
    deletion of what is gone.

    Raises: DeckError.
    """
    try:
        with translated(resource):
            reply = getattr(cloud.writer(call.service), call.method)(**call.parameters)
    except NotFound:
        if not call.method.startswith("delete_"):
            raise
        return "already gone"
    except LOST:
        raise
    except DeckError as exc:
        # Also a refusal for quota or pace may answer the second try of a call whose first one was carried out.
        if exc.code == "BucketAlreadyOwnedByYou":
            return "there already"
        if not _is_ours(cloud, call):
            raise
        return f"adopted ({exc.code})"
    # upload_file answers nothing: it may be many requests.
    return str(reply["ResponseMetadata"].get("RequestId", "")) if reply else ""


def _is_ours(cloud: Cloud, call: Call) -> bool:
    """Raises: Unavailable, NotConnected when AWS cannot say."""
    try:
        return made_by_intent(cloud, call)
    except LOST:
        raise
    except Throttled as exc:
        raise Unavailable(exc.message, resource=exc.resource, remedy=exc.remedy) from exc
    except DeckError:
        return False


def _end(cloud: Cloud, ledger: Ledger, action: Action, state: State, error: str | None = None) -> Action:
    return ledger.end(action.id, state, error, clocks.account_time(cloud.account))


def _run(cloud: Cloud, ledger: Ledger, action: Action, calls: tuple[Call, ...]) -> Action:
    try:
        return run_steps(cloud, ledger, action, list(enumerate(calls)))
    finally:
        with _lock:
            _under_way.pop(action.intent, None)
