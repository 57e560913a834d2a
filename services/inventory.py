"""What there is in a region: every source is asked side by side and fails alone, its last known rows standing in.

Listings are shallow. What only a description says is asked once for each change of a resource and remembered.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from services import clocks, descriptions, idleness, quotas, schedules, spender_lists, trainings
from services.cloud import Cloud
from services.errors import DeckError
from services.known import FIELDS, Known
from services.known import Inventory as Inventory
from services.overviews import IdleSince as IdleSince
from services.overviews import StopAhead as StopAhead
from services.overviews import burn as burn
from services.overviews import idle_since as idle_since
from services.overviews import in_use as in_use
from services.overviews import running as running
from services.overviews import stops_ahead as stops_ahead
from services.spenders import Spenders

LIMITS_HOLD = timedelta(minutes=5)
"""Quotas come in more than ten pages and change within hours: how long they are not asked for again."""

WORKERS = 16

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="inventory")


def take(cloud: Cloud, last: Known | None = None) -> Inventory:
    """Ask AWS for everything of the region. `last` lends its rows to the sources that fail.

    Never raises DeckError: it is in `failures`.
    """
    failures: dict[str, DeckError] = {}
    now = _ask({"clock": lambda: clocks.read_clock(cloud.account).now}, failures)
    at: datetime = now.get("clock") or (last.at if last else datetime.now(UTC))
    problems: list[DeckError] = []
    asks: dict[str, Callable[[], Any]] = {
        "notebooks": lambda: descriptions.notebooks(cloud, problems),
        "trainings": lambda: trainings.list_training_jobs(cloud),
        "endpoints": lambda: descriptions.endpoints(cloud, problems),
        "guards": lambda: schedules.list_guards(cloud),
        "spenders": lambda: spender_lists.take(cloud, last.spenders if last else Spenders()),
        "limits": lambda: quotas.applied_limits(cloud),
    }
    if last is not None and at - last.read_at.get("limits", at - LIMITS_HOLD) < LIMITS_HOLD:
        del asks["limits"]
    rows = {name: getattr(last, name) for name in FIELDS} if last else {}
    rows |= _ask(asks, failures)
    rows |= _ask_about(cloud, rows, last, failures, problems)
    uses = _uses(cloud, rows, last, at)
    rows |= _ask(uses, failures)
    if problems:
        failures["descriptions"] = problems[0]
    read = {source for source in (*asks, *uses, "restorables", "owners") if source not in failures}
    read_at = {**(last.read_at if last else {}), **dict.fromkeys(read, at)}
    return Inventory(**{**rows, "region": cloud.region, "at": at, "read_at": read_at, "failures": failures})


def _ask_about(
    cloud: Cloud,
    rows: Mapping[str, Any],
    last: Known | None,
    failures: dict[str, DeckError],
    problems: list[DeckError],
) -> dict[str, Any]:
    """What depends on which resources there are."""
    notebooks, endpoints = rows.get("notebooks", ()), rows.get("endpoints", ())
    asks: dict[str, Callable[[], Any]] = {
        "restorables": lambda: descriptions.restorables(cloud, endpoints),
        "owners": lambda: descriptions.owners(cloud, (*notebooks, *endpoints), problems),
    }
    if "guards" not in failures:
        arns = [row.arn for row in notebooks] + [row.arn for row in endpoints]
        asks["guards"] = lambda: descriptions.guards(cloud, rows["guards"], arns)
    answers = _ask(asks, failures)
    jobs = {job.arn: job.owner for job in rows.get("trainings", ())}
    owners = answers.get("owners", last.owners if last else {})
    guards = answers.get("guards", last.guards if last else {})
    return {**answers, "owners": {**owners, **jobs}, "guards": guards}


def _uses(cloud: Cloud, rows: Mapping[str, Any], last: Known | None, at: datetime) -> dict[str, Callable[[], Any]]:
    """How to ask what is used, for those answers that are no longer good."""
    spenders: Spenders = rows.get("spenders", Spenders())
    asks: dict[str, Callable[[], Any]] = {
        "invocations": lambda: idleness.read_invocations(cloud, rows.get("endpoints", ()), at),
        "activity": lambda: idleness.read_activity(cloud, spenders.rows, at),
    }
    read_at = last.read_at if last else {}
    hold = idleness.HOLD[cloud.account.kind]
    return {source: ask for source, ask in asks.items() if source not in read_at or at - read_at[source] >= hold}


def _ask(asks: Mapping[str, Callable[[], Any]], failures: dict[str, DeckError]) -> dict[str, Any]:
    """The answers of those that had one; errors of the others go to `failures`."""
    asked = {source: _workers.submit(ask) for source, ask in asks.items()}
    answers = {}
    for source, answer in asked.items():
        try:
            answers[source] = answer.result()
        except DeckError as error:
            failures[source] = error
    return answers
