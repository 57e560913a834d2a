"""Everything the deck says, in English and Korean, by key.

`t("notebooks.stop", name=row.name)` gives Markdown-safe text for any widget; `plain(...)` the same words for what draws
no Markdown (charts, cells, placeholders). The words are in `words/<page>.toml`; a key is the page, a dot, and the name
there. Values are text or whole numbers, already formatted: money and time come through `pages.ui.show`.
"""

import logging
import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.formats import Language

WORDS = Path(__file__).parent / "words"
LANGUAGES: tuple[Language, ...] = ("en", "ko")
LANGUAGE_KEY = "lang"
"""Session and URL key of the reader's choice."""

_MARKDOWN = re.compile(r"([\\`*_$\[\]<>~|#&])")
_log = logging.getLogger(__name__)

Value = str | int
Words = Mapping[str, str]


class Safe(str):
    """Text that already is Markdown: put into another text it is not escaped again."""

    __slots__ = ()


class MissingWords(KeyError):
    """No such key, or a language of it is missing."""


def escape(value: str) -> Safe:
    """A name, an amount or an AWS message as Markdown that shows exactly its characters."""
    return value if isinstance(value, Safe) else Safe(_MARKDOWN.sub(r"\\\1", value))


def unescape(markdown: str) -> str:
    """What a reader sees of `escape`d text."""
    return re.sub(r"\\([\\`*_$\[\]<>~|#&])", r"\1", markdown)


@cache
def catalogue(page: str) -> Mapping[str, Words]:
    """The words of one page: name to `{"en": ..., "ko": ..., "en_one": ...}`."""
    path = WORDS / f"{page}.toml"
    if not path.is_file():
        return {}
    return cast("dict[str, Words]", tomllib.loads(path.read_text(encoding="utf-8")))


def pages() -> tuple[str, ...]:
    """Every page that has words."""
    return tuple(sorted(path.stem for path in WORDS.glob("*.toml")))


def has(key: str) -> bool:
    """Whether there are words for `key`: for keys made from what AWS sent."""
    page, _, name = key.partition(".")
    return name in catalogue(page)


def language() -> Language:
    """The reader's choice; else the URL's `lang`; else the browser's first language; else English."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return "en"
    chosen = st.session_state.get(LANGUAGE_KEY) or st.query_params.get(LANGUAGE_KEY)
    if chosen in LANGUAGES:
        return cast("Language", chosen)
    return "ko" if (st.context.locale or "").lower().startswith("ko") else "en"


def _words(key: str, values: Mapping[str, Value], spoken: Language) -> str:
    page, _, name = key.partition(".")
    entry = catalogue(page).get(name, {})
    one = entry.get(f"{spoken}_one") if values.get("count") == 1 else None
    words = one or entry.get(spoken)
    if words is None:
        return _missing(key)
    return words


def _missing(key: str) -> str:
    """A reader gets the name itself rather than a broken page; under test it is an error."""
    if "PYTEST_VERSION" in os.environ:
        raise MissingWords(key)
    _log.warning("no words for %s", key)
    return key.rpartition(".")[2].replace("_", " ").capitalize().replace("{", "").replace("}", "")


@cache
def _escaped_words(words: str) -> str:
    """Words hold no Markdown: what looks like it there is meant as it is."""
    parts = re.split(r"(\{\w+\})", words)
    return "".join(part if at % 2 else escape(part) for at, part in enumerate(parts))


def t(key: str, *, spoken: Language | None = None, **values: Value) -> Safe:
    """The words for `key` as Markdown that shows just them; an `int` gets thousands separators.

    With `count=1` the English singular is taken where there is one. Raises `MissingWords` under test for an unknown key
    and `KeyError` for a placeholder without a value.
    """
    safe = {name: escape(value) if isinstance(value, str) else f"{value:,}" for name, value in values.items()}
    return Safe(_escaped_words(_words(key, values, spoken or language())).format_map(safe))


def plain(key: str, *, spoken: Language | None = None, **values: Value) -> str:
    """The words for `key` as they are, for charts, cells, alt texts, file names and browser titles."""
    shown = {name: value if isinstance(value, str) else f"{value:,}" for name, value in values.items()}
    return _words(key, values, spoken or language()).format_map(shown)


def explain(term: str) -> Safe:
    """One line that explains an AWS word to somebody who never met it: the `help=` of a widget."""
    return t(f"glossary.{term}")
