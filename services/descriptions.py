"""What listings leave out: volumes, variants, owners and stop times, asked for once a change and remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from services import schedules
from services.caches import Cache
from services.cloud import Cloud
from services.endpoints import Endpoint, Restorable, get_endpoint, list_endpoints, list_restorable
from services.errors import DeckError, NotFound, translated
from services.notebooks import Notebook, get_notebook, list_notebooks
from services.plans import OWNER_TAG
from services.schedules import Guard
from services.variants import Variant, get_variants

WORKERS = 8
SIZE = 10_000

T = TypeVar("T")
R = TypeVar("R")

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="descriptions")
_notebooks: Cache[Notebook] = Cache(SIZE)
_endpoints: Cache[Endpoint] = Cache(SIZE)
_variants: Cache[tuple[Variant, ...]] = Cache(SIZE)
_owners: Cache[str] = Cache(SIZE)
_guards: Cache[Guard | None] = Cache(SIZE)


def notebooks(cloud: Cloud, problems: list[DeckError]) -> tuple[Notebook, ...]:
    """Every notebook instance in full. One that cannot be described stays as listed, its error goes to `problems`.

    Raises: DeckError when they cannot be listed.
    """

    def full(row: Notebook) -> Notebook:
        return _notebooks.get(_key(cloud, row), lambda: get_notebook(cloud, row.name))

    return _all(full, list_notebooks(cloud), problems)


def endpoints(cloud: Cloud, problems: list[DeckError]) -> tuple[Endpoint, ...]:
    """Every endpoint with its variants; errors as in `notebooks`."""

    def full(row: Endpoint) -> Endpoint:
        return _endpoints.get(_key(cloud, row), lambda: get_endpoint(cloud, row.name))

    return _all(full, list_endpoints(cloud), problems)


def restorables(cloud: Cloud, present: tuple[Endpoint, ...]) -> tuple[Restorable, ...]:
    """Configurations that no endpoint uses. Raises: DeckError."""

    def variants(name: str, created: datetime) -> tuple[Variant, ...]:
        key = (cloud.account.key, cloud.region, name, created)
        return _variants.get(key, lambda: get_variants(cloud, name))

    return list_restorable(cloud, present, variants)


def owners(cloud: Cloud, rows: Sequence[Notebook | Endpoint], problems: list[DeckError]) -> dict[str, str]:
    """ARN → the owner tag of each; empty where it has none. Tags are read once in a resource's life."""

    def owner(row: Notebook | Endpoint) -> str:
        return _owners.get((cloud.account.key, row.arn, row.created), lambda: _owner(cloud, row.arn))

    asked = [(row.arn, _workers.submit(owner, row)) for row in rows]
    found = {}
    for arn, answer in asked:
        try:
            found[arn] = answer.result()
        except NotFound:
            continue
        except DeckError as error:
            problems.append(error)
    return found


def guards(cloud: Cloud, listed: Mapping[str, datetime], arns: Iterable[str]) -> dict[str, Guard]:
    """ARN → its auto-stop, for those of `arns` whose schedule is among `listed` (name → last changed).

    Raises: DeckError.
    """

    def guard(arn: str, changed: datetime) -> Guard | None:
        return _guards.get((cloud.account.key, arn, changed), lambda: schedules.find_guard(cloud, arn))

    names = {arn: schedules.schedule_name(arn) for arn in arns}
    asked = {arn: _workers.submit(guard, arn, listed[name]) for arn, name in names.items() if name in listed}
    return {arn: found for arn, answer in asked.items() if (found := answer.result()) is not None}


def _key(cloud: Cloud, row: Notebook | Endpoint) -> tuple[object, ...]:
    return (cloud.account.key, row.arn, row.created, row.changed, row.status)


def _all(full: Callable[[R], R], rows: Sequence[R], problems: list[DeckError]) -> tuple[R, ...]:
    asked = [(row, _workers.submit(full, row)) for row in rows]
    found = []
    for row, answer in asked:
        try:
            found.append(answer.result())
        except NotFound:
            continue  # gone between the listing and now
        except DeckError as error:
            problems.append(error)
            found.append(row)
    return tuple(found)


def _owner(cloud: Cloud, arn: str) -> str:
    with translated(arn):
        pages = cloud.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=arn)
        tags = (tag for page in pages for tag in page.get("Tags", ()))
        return next((str(tag["Value"]) for tag in tags if tag["Key"] == OWNER_TAG), "")
