"""Moto is loaded here and nowhere else: each of its modules is adapted the moment it is loaded.

An import hook sees every module of moto, also those it loads late, and replaces in it, by identity, whatever reaches
for the time or for chance of its own; then come the corrections for that module (practice.borrowed.corrections).
"""

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

from practice.borrowed import birth, draws, moments

P = ParamSpec("P")
T = TypeVar("T")

Corrections = Mapping[str, Callable[[Any], None]]
"""Name of a module of moto → what mends it."""

Preparations = Mapping[str, Callable[[], AbstractContextManager[None]]]
"""Name of a module of moto → what must hold while it is loaded."""

_corrections: dict[str, Callable[[Any], None]] = {}
_preparations: dict[str, Callable[[], AbstractContextManager[None]]] = {}


_one_at_a_time = threading.RLock()


def loads(find: Callable[P, T]) -> Callable[P, T]:
    """A function that loads modules of moto: called once for each of its arguments, and never by two threads at once.
    Moto's modules import each other in circles, which two threads that load them side by side do not survive."""
    kept = cache(find)

    def alone(*args: P.args, **named: P.kwargs) -> T:
        with _one_at_a_time:
            return kept(*args, **named)  # type: ignore[arg-type]

    return alone


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        # A module may be loaded in the midst of a request, and must neither use up its draws nor keep its moment.
        with birth.conditions(module.__name__), _preparations.get(module.__name__, nullcontext)():
            super().exec_module(module)
            _adapt(module)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("moto."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


def install(preparations: Preparations, *corrections: Corrections) -> None:
    """Adapt every module of moto from now on. Raises RuntimeError when moto is loaded already, unadapted."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if "moto" in sys.modules:
        raise RuntimeError("moto was loaded before the practice account could adapt it")
    _preparations.update(preparations)
    for modules in corrections:
        _corrections.update(modules)
    sys.meta_path.insert(0, _Finder())


def _adapt(module: ModuleType) -> None:
    if module.__name__ == "moto.moto_api._internal":
        draws.take_over(vars(module)["mock_random"])
    replacements = _stand_ins(on_wall=module.__name__.startswith("moto.sts"))
    for name, value in list(vars(module).items()):
        if id(value) in replacements:
            setattr(module, name, replacements[id(value)])
    if module.__name__ in _corrections:
        _corrections[module.__name__](module)


@cache
def _stand_ins(on_wall: bool) -> dict[int, Any]:
    return moments.stand_ins(moments.on_wall if on_wall else moments.on_clock) | draws.stand_ins()
