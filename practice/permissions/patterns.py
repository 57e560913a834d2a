"""What a policy writes with wildcards and variables, and whether a value fits it."""

import re
from collections.abc import Mapping
from functools import lru_cache

Context = Mapping[str, tuple[str, ...]]
"""Condition key in lower case → its values in this request. A key that is not there has no value."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}


class Unsure(Exception):
    """Whether a statement applies cannot be told here. Such a statement forbids what it denies, and allows nothing."""


def fits(pattern: str, value: str, context: Context, *, ignore_case: bool = False, wild: bool = True) -> bool:
    """Whether `value` is what `pattern` describes: `*` any characters, `?` one, `${key}` the key's value.

    Raises: Unsure for a variable that this request has no single value for.
    """
    if "${" not in pattern:
        return _constant(pattern, wild, ignore_case).fullmatch(value) is not None
    spell = _wild if wild else re.escape
    parts = _VARIABLE.split(pattern)
    spelled = (_variable(part, context) if place % 2 else spell(part) for place, part in enumerate(parts))
    return re.fullmatch("".join(spelled), value, _flags(ignore_case)) is not None


def _variable(name: str, context: Context) -> str:
    if name in _LITERALS:
        return re.escape(_LITERALS[name])
    values = context.get(name.strip().lower(), ())
    if len(values) != 1:
        raise Unsure(f"the variable {name} has no single value")
    return re.escape(values[0])


def _wild(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


@lru_cache(maxsize=4096)
def _constant(pattern: str, wild: bool, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(_wild(pattern) if wild else re.escape(pattern), _flags(ignore_case))


def _flags(ignore_case: bool) -> re.RegexFlag:
    return re.DOTALL | re.IGNORECASE if ignore_case else re.DOTALL
