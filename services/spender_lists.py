"""Every list of what else spends, asked side by side. A list that an account or a region does not have is empty; one
that fails otherwise leaves the others, and its last known rows stand in."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from services import capacities, studios
from services.cloud import Cloud
from services.errors import DeckError
from services.spenders import Spender, SpenderKind, Spenders

Rows = tuple[Spender, ...]

LISTS: Mapping[str, tuple[Callable[[Cloud], Rows], frozenset[SpenderKind]]] = {
    "apps": (studios.list_apps, frozenset({SpenderKind.APP, SpenderKind.CANVAS})),
    "spaces": (studios.list_spaces, frozenset({SpenderKind.SPACE})),
    "clusters": (capacities.list_clusters, frozenset({SpenderKind.CLUSTER})),
    "inference_components": (capacities.list_inference_components, frozenset({SpenderKind.INFERENCE_COMPONENT})),
    "mlflow_servers": (capacities.list_mlflow_servers, frozenset({SpenderKind.MLFLOW_SERVER})),
    "training_plans": (capacities.list_training_plans, frozenset({SpenderKind.TRAINING_PLAN})),
}
"""List → how it is read, and the kinds in it."""

ABSENT = frozenset({"NotImplemented", "UnknownOperationException", "UnknownOperation", "InvalidAction"})
"""AWS's codes for what an account or a region does not have: then there is none of it."""

_workers = ThreadPoolExecutor(len(LISTS), thread_name_prefix="spenders")


def take(cloud: Cloud, last: Spenders) -> Spenders:
    """All lists of the region. Raises: DeckError when none of them could be read."""
    asked = {name: _workers.submit(read, cloud) for name, (read, _) in LISTS.items()}
    rows: list[Spender] = []
    failed: dict[str, DeckError] = {}
    for name, answer in asked.items():
        try:
            rows += answer.result()
        except DeckError as error:
            if error.code not in ABSENT:
                failed[name] = error
                rows += [row for row in last.rows if row.kind in LISTS[name][1]]
    if len(failed) == len(LISTS):
        raise next(iter(failed.values()))
    return Spenders(_owned(rows), {name: type(error).__name__ for name, error in failed.items()})


def _owned(rows: list[Spender]) -> Rows:
    """An app in a private space is its space's owner's."""
    owners = {row.place: row.owner for row in rows if row.kind is SpenderKind.SPACE}
    return tuple(row if row.owner else replace(row, owner=owners.get(row.place, "")) for row in rows)
