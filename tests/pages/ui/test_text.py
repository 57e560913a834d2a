"""The words: all there in both languages, and none outside the catalogues."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.ui import text
from pages.ui.text import MissingWords, catalogue, escape, plain, t, unescape

PAGES = sorted([*Path("pages").rglob("*.py"), Path("streamlit_app.py")])
ENTRIES = [(f"{page}.{name}", words) for page in text.pages() for name, words in catalogue(page).items()]
KEYS = {key for key, _ in ENTRIES}

TAKES_WORDS = {
    **dict.fromkeys(("title", "header", "subheader", "caption", "markdown", "write", "text", "badge", "toast"), (0,)),
    **dict.fromkeys(
        ("info", "success", "warning", "error", "spinner", "status", "expander", "popover", "dialog"), (0,)
    ),
    **dict.fromkeys(("button", "download_button", "link_button", "form_submit_button", "menu_button", "dialog"), (0,)),
    **dict.fromkeys(("text_input", "text_area", "number_input", "selectbox", "multiselect", "checkbox", "radio"), (0,)),
    **dict.fromkeys(("slider", "select_slider", "pills", "segmented_control", "file_uploader", "date_input"), (0,)),
    **dict.fromkeys(("time_input", "tabs", "empty_state"), (0, 1)),
    **dict.fromkeys(("metric", "Figure", "page_header"), (0, 1, 2)),
    **dict.fromkeys(("TextColumn", "NumberColumn", "DatetimeColumn", "CheckboxColumn", "MultiselectColumn"), (0,)),
}
"""Calls that show text, and at which positions."""
WORDS_BY_NAME = frozenset({"label", "help", "placeholder", "body", "title", "sentence", "alt", "what", "text"})
NOT_WORDS = re.compile(r":material/\w+:|[*_`#>\s]|:[a-z]+(-badge)?\[|\{\}")


LETTER = re.compile(r"[^\W\d_]")
NAMES = frozenset({"boto3", "AWSCLI", "JupyterLab", "CSV"})
"""Names are the same in every language."""


def literals(node: ast.expr) -> Iterator[str]:
    """The literal text that would be shown, Markdown signs and icons left out."""
    match node:
        case ast.Constant(value=str(value)):
            yield NOT_WORDS.sub("", value)
        case ast.JoinedStr(values=parts):
            yield NOT_WORDS.sub(
                "", "".join(p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str))
            )
        case ast.BinOp(left=left, right=right):
            yield from (*literals(left), *literals(right))
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*literals(body), *literals(orelse))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            for item in items:
                yield from literals(item)


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_log(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "").strip("_") in {"log", "logger"}


def shown_literals(source: str) -> list[str]:
    """What a module would show without going through the catalogues."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        places = TAKES_WORDS.get(called(call))
        if places is None or _is_log(call):
            continue
        arguments = [call.args[at] for at in places if at < len(call.args)]
        arguments += [keyword.value for keyword in call.keywords if keyword.arg in WORDS_BY_NAME]
        found += [
            said for argument in arguments for said in literals(argument) if said not in NAMES and LETTER.search(said)
        ]
    return found


def asked_keys(source: str) -> Iterator[str]:
    """Patterns of the keys a module asks for: those of `t`, `plain`, `explain`, and of a column's label and help."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name, arguments = called(call), call.args
        if name in {"t", "plain"} and arguments:
            yield from key_patterns(arguments[0], "")
        elif name == "explain" and arguments:
            yield from key_patterns(arguments[0], "glossary.")
        elif name == "Column":
            yield from key_patterns(arguments[1], "")
            for extra in [*arguments[3:4], *(k.value for k in call.keywords if k.arg == "help")]:
                yield from key_patterns(extra, "")


def key_patterns(node: ast.expr, prefix: str) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(value)):
            yield re.escape(prefix + value)
        case ast.JoinedStr(values=parts):
            fixed = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".+" for p in parts)
            yield re.escape(prefix) + "".join(fixed)
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*key_patterns(body, prefix), *key_patterns(orelse, prefix))


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize(("key", "words"), ENTRIES, ids=[key for key, _ in ENTRIES])
def test_every_text_is_there_in_both_languages(key: str, words: dict[str, str]) -> None:
    assert set(words) - {"en_one"} == {"en", "ko"}
    assert all(said.strip() == said and said for said in words.values())
    asked = placeholders(words["en"])
    assert placeholders(words["ko"]) == asked
    assert placeholders(words.get("en_one", words["en"])) | {"count"} == asked | {"count"}


def test_words_are_plain_and_shown_as_they_are() -> None:
    """Markdown is the page's affair: `<channel>` or `1~63` in words is meant literally."""
    assert [key for key, words in ENTRIES for said in words.values() if re.search(r"[`*\n]|  ", said)] == []
    bare = [(key, words) for key, words in ENTRIES if not placeholders(words["en"])]
    assert [key for key, words in bare if unescape(t(key, spoken="ko")) != words["ko"]] == []


def test_korean_is_korean() -> None:
    spoken = [words["ko"] for _, words in ENTRIES if len(words["ko"]) > 24]
    assert [said for said in spoken if not re.search(r"[가-힣]", re.sub(r"\{\w+\}", "", said))] == []


@pytest.mark.parametrize("module", PAGES, ids=str)
def test_a_module_shows_only_words_from_the_catalogues(module: Path) -> None:
    assert shown_literals(module.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("module", PAGES, ids=str)
def test_every_key_a_module_asks_for_exists(module: Path) -> None:
    patterns = list(asked_keys(module.read_text(encoding="utf-8")))
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, key) for key in KEYS)] == []


def test_a_literal_would_be_seen() -> None:
    source = 'st.button("Stop notebook"); st.metric(t("a.b"), f"{x} left"); st.title(":material/add:"); st.columns("x")'
    assert shown_literals(source) == ["Stopnotebook", "left"]


def test_values_cannot_become_markdown() -> None:
    said = t("charts.point", spoken="en", name="*a*_b_", value="$1.41 or $2", when="[x](y)")
    assert said == r"\*a\*\_b\_: \$1.41 or \$2 at \[x\](y)"
    assert plain("charts.point", spoken="en", name="*a*", value="$1", when="now") == "*a*: $1 at now"


def test_text_inside_text_is_escaped_once() -> None:
    inner = t("common.won_rate", spoken="en", won="₩1", day="Nov 3", source="$")
    assert t("common.as_of", spoken="en", when=inner) == r"As of ₩1 to the dollar, Nov 3, \$"


@given(st.text())
def test_escaping_loses_nothing(words: str) -> None:
    assert unescape(escape(words)) == words
    assert escape(escape(words)) == escape(words)


def test_counts_have_separators_and_english_its_singular() -> None:
    assert t("charts.more_rows", spoken="en", count=1).startswith("1 more is")
    assert t("charts.more_rows", spoken="en", count=1234).startswith("1,234 more are")
    assert t("charts.more_rows", spoken="ko", count=1).startswith("그리지 않은 1개")


def test_an_unknown_key_is_an_error_here_and_only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("common.nonsense", "nonsense.at_all", "nonsense"):
        with pytest.raises(MissingWords):
            t(key)
    monkeypatch.delenv("PYTEST_VERSION")
    assert t("nonsense.at_all") == "At all"


def speaking() -> None:
    import streamlit as st

    from pages.ui.text import language

    st.write(language())


@pytest.mark.parametrize(
    ("session", "url", "locale", "spoken"),
    [
        (None, None, "en-US", "en"),
        (None, None, "ko-KR", "ko"),
        (None, None, "fr", "en"),
        (None, "ko", "en-US", "ko"),
        (None, "xx", "ko", "ko"),
        ("en", "ko", "ko-KR", "en"),
    ],
)
def test_the_reader_chooses_then_the_url_then_the_browser(
    session: str | None, url: str | None, locale: str, spoken: str
) -> None:
    shown = AppTest.from_function(speaking)
    shown.context = {"locale": locale}
    if url:
        shown.query_params["lang"] = url
    if session:
        shown.session_state["lang"] = session
    assert shown.run().markdown[0].value == spoken


def test_outside_a_page_it_is_english() -> None:
    assert text.language() == "en"
