"""What there is in a region: every source is asked side by side and fails alone, its last known rows standing in.

Listings are shallow. What only a description says is asked once for each change of a resource, and is known from the
last inventory until the next one.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from services import clocks, descriptions, idleness, owners, quotas, schedules, spender_lists, trainings
from services.cloud import Account, Cloud
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
from services.plans import OWNER_TAG

LIMITS_HOLD = timedelta(minutes=5)
"""Quotas come in more than ten pages and change within hours: how long they are not asked for again."""

WORKERS = 32

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="inventory")

NOBODY: Mapping[str, str] = MappingProxyType({})


def take(
    cloud: Cloud, last: Known | None = None, *, creators: Mapping[str, str] = NOBODY, owner_tag: str = OWNER_TAG
) -> Inventory:
    """Ask AWS for everything of the region. `last` lends its rows to the sources that fail, and what it knows of
    resources that did not change; `creators` (ARN → name) own what bears no `owner_tag`.

    Never raises DeckError: it is in `failures`.
    """
    failures: dict[str, DeckError] = {}
    now = _ask({"clock": lambda: clocks.read_clock(cloud.account).now}, failures)
    at: datetime = now.get("clock") or (last.at if last else datetime.now(UTC))
    known = last or Known(cloud.region, at)
    problems: list[DeckError] = []
    asks: dict[str, Callable[[], Any]] = {
        "notebooks": lambda: descriptions.notebooks(cloud, known.notebooks, problems),
        "trainings": lambda: trainings.list_training_jobs(
            cloud, owner_tag, known.trainings, known.read_at.get("trainings")
        ),
        "endpoints": lambda: descriptions.endpoints(cloud, known.endpoints, problems),
        "guards": lambda: schedules.list_guards(cloud),
        "spenders": lambda: spender_lists.take(cloud, known.spenders),
        "limits": lambda: quotas.applied_limits(cloud),
        "owners": lambda: owners.tagged(cloud, owner_tag),
    }
    if at - known.read_at.get("limits", at - LIMITS_HOLD) < LIMITS_HOLD:
        del asks["limits"]
    rows = {name: getattr(known, name) for name in FIELDS} | _ask(asks, failures)
    rows |= _ask_about(cloud, rows, known, failures)
    uses = _uses(cloud, rows, known, at)
    rows |= _ask(uses, failures)
    rows |= _owned(rows, creators)
    if problems:
        failures["descriptions"] = problems[0]
    read = {source for source in (*asks, *uses, "restorables") if source not in failures}
    read_at = {**known.read_at, **dict.fromkeys(read, at)}
    return Inventory(**{**rows, "region": cloud.region, "at": at, "read_at": read_at, "failures": failures})


def take_regions(
    account: Account, regions: Iterable[str], take_one: Callable[[Cloud], Inventory] = take
) -> dict[str, Inventory]:
    """The inventories of several regions, taken side by side: as long as the slowest one. Each fails alone, and AWS's
    rates count for each region alone."""
    clouds = [Cloud(account, region) for region in regions]
    with ThreadPoolExecutor(max(1, len(clouds)), thread_name_prefix="regions") as side_by_side:
        return dict(zip((cloud.region for cloud in clouds), side_by_side.map(take_one, clouds), strict=True))


def _ask_about(cloud: Cloud, rows: Mapping[str, Any], known: Known, failures: dict[str, DeckError]) -> dict[str, Any]:
    """What depends on which resources there are."""
    notebooks, endpoints = rows["notebooks"], rows["endpoints"]
    asks: dict[str, Callable[[], Any]] = {
        "restorables": lambda: descriptions.restorables(cloud, known.restorables, endpoints)
    }
    if "guards" not in failures:
        arns = [row.arn for row in (*notebooks, *endpoints)]
        asks["guards"] = lambda: descriptions.guards(cloud, known.guards, rows["guards"], arns)
    answers = _ask(asks, failures)
    return {**answers, "guards": answers.get("guards", known.guards)}


def _owned(rows: Mapping[str, Any], creators: Mapping[str, str]) -> dict[str, Any]:
    """Who owns what; a training job says it itself too."""
    jobs = rows["trainings"]
    tags = {**rows["owners"], **{job.arn: job.owner for job in jobs if job.owner}}
    found = owners.resolve((row.arn for row in (*rows["notebooks"], *rows["endpoints"], *jobs)), tags, creators)
    return {"owners": found, "trainings": tuple(replace(job, owner=found.get(job.arn, "")) for job in jobs)}


def _uses(cloud: Cloud, rows: Mapping[str, Any], known: Known, at: datetime) -> dict[str, Callable[[], Any]]:
    """How to ask what is used, for those answers that are no longer good."""
    asks: dict[str, Callable[[], Any]] = {
        "invocations": lambda: idleness.read_invocations(cloud, rows["endpoints"], at),
        "activity": lambda: idleness.read_activity(cloud, rows["spenders"].rows, at),
    }
    read_at, hold = known.read_at, idleness.HOLD[cloud.account.kind]
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
