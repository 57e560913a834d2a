"""What listings leave out: volumes, variants and stop times, asked for once a change; what was asked before is in the
last known inventory, which outlives a restart of the deck."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from services import schedules
from services.cloud import Cloud
from services.endpoints import Endpoint, Restorable, get_endpoint, list_endpoints, list_restorable
from services.errors import DeckError, NotFound
from services.notebooks import Notebook, get_notebook, list_notebooks
from services.schedules import Guard
from services.variants import Variant, get_variants

WORKERS = 16

R = TypeVar("R", Notebook, Endpoint)

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="descriptions")


def notebooks(cloud: Cloud, last: Sequence[Notebook], problems: list[DeckError]) -> tuple[Notebook, ...]:
    """Every notebook instance in full. One that cannot be described stays as listed, its error goes to `problems`.

    Raises: DeckError when they cannot be listed.
    """
    described = {_key(row): row for row in last if row.volume_gib is not None}
    return _all(list_notebooks(cloud), described, lambda row: get_notebook(cloud, row.name), problems)


def endpoints(cloud: Cloud, last: Sequence[Endpoint], problems: list[DeckError]) -> tuple[Endpoint, ...]:
    """Every endpoint with its variants; errors as in `notebooks`."""
    described = {_key(row): row for row in last if row.variants}
    return _all(list_endpoints(cloud), described, lambda row: get_endpoint(cloud, row.name), problems)


def restorables(cloud: Cloud, last: Sequence[Restorable], present: tuple[Endpoint, ...]) -> tuple[Restorable, ...]:
    """Configurations that no endpoint uses. Raises: DeckError."""
    described = {(row.name, row.created): row.variants for row in last}

    def variants(name: str, created: datetime) -> tuple[Variant, ...]:
        return described.get((name, created)) or get_variants(cloud, name)

    return list_restorable(cloud, present, variants)


def guards(
    cloud: Cloud, last: Mapping[str, Guard], listed: Mapping[str, datetime], arns: Iterable[str]
) -> dict[str, Guard]:
    """ARN → its auto-stop, for those of `arns` whose schedule is among `listed` (name → last changed).

    Raises: DeckError.
    """

    def guard(arn: str, changed: datetime) -> Guard | None:
        known = last.get(arn)
        if known is not None and known.changed == changed:
            return known
        found = schedules.find_guard(cloud, arn)
        return replace(found, changed=changed) if found else None

    names = {arn: schedules.schedule_name(arn) for arn in arns}
    asked = {arn: _workers.submit(guard, arn, listed[name]) for arn, name in names.items() if name in listed}
    return {arn: found for arn, answer in asked.items() if (found := answer.result()) is not None}


def _key(row: Notebook | Endpoint) -> tuple[object, ...]:
    return (row.arn, row.created, row.changed, row.status)


def _all(
    rows: Sequence[R], described: Mapping[tuple[object, ...], R], describe: Callable[[R], R], problems: list[DeckError]
) -> tuple[R, ...]:
    asked = [(row, None if _key(row) in described else _workers.submit(describe, row)) for row in rows]
    found = []
    for row, answer in asked:
        try:
            found.append(answer.result() if answer else described[_key(row)])
        except NotFound:
            continue  # gone between the listing and now
        except DeckError as error:
            problems.append(error)
            found.append(row)
    return tuple(found)
