"""The columns of an export as its files have them, found under any of the spellings that AWS gives them."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

TEXT = "VARCHAR"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table of line items has. A column is asked for by its CUR 2.0 or FOCUS name; `lineItem/UsageType`,
    `line_item_usage_type` and `LineItemUsageType` are the same."""

    types: Mapping[str, str]
    """Name as in the file → DuckDB's type."""

    def find(self, name: str) -> str | None:
        """The column's own name."""
        wanted = _canonical(name)
        return next((each for each in self.types if _canonical(each) == wanted), None)

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if self.find(name) is None)

    def text(self, *names: str) -> str:
        """SQL of the first of the columns that there is and has a value; NULL where it is empty or not there."""
        found = [f"nullif({held(own)}::VARCHAR, '')" for name in names if (own := self.find(name))]
        return f"coalesce({', '.join(found)})" if found else "NULL::VARCHAR"

    def number(self, name: str) -> str:
        """SQL of a number; NULL where it is empty or not there. What is not a number is an error when it is read."""
        own = self.find(name)
        if own is None:
            return "NULL::DOUBLE"
        return f"nullif({held(own)}, '')::DOUBLE" if self.types[own] == TEXT else f"{held(own)}::DOUBLE"

    def time(self, name: str) -> str:
        """SQL of a UTC time."""
        own = self.find(name)
        if own is None:
            return "NULL::TIMESTAMP"
        if self.types[own] == TEXT:
            return f"nullif(rtrim(replace({held(own)}, 'T', ' '), 'Z'), '')::TIMESTAMP"
        if self.types[own] == "TIMESTAMP WITH TIME ZONE":
            return f"({held(own)} AT TIME ZONE 'UTC')"
        return f"{held(own)}::TIMESTAMP"

    def entry(self, name: str, key: str) -> str:
        """SQL of one value of a map column: a map in Parquet, JSON in CSV."""
        own = self.find(name)
        if own is None:
            return "NULL::VARCHAR"
        if self.types[own].startswith("MAP"):
            return f"nullif({held(own)}[{literal(key)}], '')"
        return f"nullif(json_extract_string(nullif({held(own)}, ''), {literal('$.' + literal_path(key))}), '')"

    def keys(self, name: str) -> str | None:
        """SQL of the list of a map column's keys; None where there is no such column."""
        own = self.find(name)
        if own is None:
            return None
        return f"map_keys({held(own)})" if self.types[own].startswith("MAP") else f"json_keys(nullif({held(own)}, ''))"


@dataclass(frozen=True, slots=True)
class Format:
    """How the lines of a kind of export are read, as SQL over its columns."""

    required: tuple[str, ...]
    """Without which nothing can be said."""
    version: Callable[[Columns], str]
    """Such as `CUR 2.0`."""
    rules: Callable[[Columns], Mapping[str, str]]
    """Column of our shape, or one on the way there → SQL; later ones may name earlier ones."""
    keep: Callable[[Columns], str]
    """Which lines count."""
    tag_columns: Callable[[Columns], Mapping[str, str]]
    """Tag key → its column, where each has one."""
    tag_map: str
    """The column that has all tags of a line, where there is one."""

    def tag(self, columns: Columns, key: str) -> str:
        """SQL of a tag's value."""
        own = self.tag_columns(columns).get(key)
        return f"nullif({held(own)}, '')" if own else columns.entry(self.tag_map, key)


HELD = "held_"
"""In front of a file's own columns, so that none of them is taken for one of ours."""


def held(name: str) -> str:
    """A column of the file in SQL."""
    return quoted(HELD + name)


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def literal_path(key: str) -> str:
    """A key in a JSON path."""
    return '"' + key.replace('"', '\\"') + '"'


def _canonical(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
