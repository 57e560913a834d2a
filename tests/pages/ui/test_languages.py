"""Every word where it belongs: AWS's names in Latin letters, all else in the reader's language; each term explained."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.ui.text import catalogue, pages
from tests.pages.ui.test_text import called
from tests.support.languages import hangul, latin

SCREENS = sorted(Path("pages").rglob("*.py"))
WORDS = [(f"{page}.{name}", words) for page in pages() for name, words in catalogue(page).items()]
OWN_NAMES = "common.this_language"
"""Every language is named in itself."""
LABELS: dict[str, tuple[int, int | None]] = {
    "Column": (1, 3),
    "Figure": (0, 2),
    **dict.fromkeys(("title", "header", "metric", "selectbox", "multiselect", "number_input", "text_input"), (0, None)),
    **dict.fromkeys(
        ("toggle", "checkbox", "radio", "pills", "segmented_control", "slider", "file_uploader"), (0, None)
    ),
}
"""Calls that show a label: where it stands, and where its hover may stand besides `help=`."""
TERMS = {
    **{term: re.compile(rf"\b{term.replace('_', ' ')}s?\b", re.IGNORECASE) for term in catalogue("glossary")},
    "service_quota": re.compile(r"\bquotas?\b", re.IGNORECASE),
}


def labelled(source: str) -> Iterator[tuple[str, bool]]:
    """The keys of labels that a module shows, and whether each has a hover."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        at, hover_at = LABELS.get(called(call), (0, None))
        if called(call) not in LABELS or at >= len(call.args) or _is_collapsed(call):
            continue
        hovers = any(keyword.arg == "help" for keyword in call.keywords)
        hovers = hovers or (hover_at is not None and len(call.args) > hover_at)
        for node in ast.walk(call.args[at]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "." in node.value:
                yield node.value, hovers


def _is_collapsed(call: ast.Call) -> bool:
    return any(keyword.arg == "label_visibility" for keyword in call.keywords)


def terms_in(key: str) -> list[str]:
    page, _, name = key.partition(".")
    said = catalogue(page).get(name, {}).get("en", "")
    return [term for term, pattern in TERMS.items() if pattern.search(said)]


@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_a_label_that_names_a_term_of_the_glossary_explains_it(screen: Path) -> None:
    silent = [key for key, hovers in labelled(screen.read_text(encoding="utf-8")) if not hovers and terms_in(key)]
    assert silent == []


def test_a_label_without_its_hover_would_be_seen() -> None:
    source = 'Column("x", "tables.region"); Figure(plain("overview.burn"), "1", help="h"); st.title(t("tables.count"))'
    assert list(labelled(source)) == [("tables.region", False), ("overview.burn", True), ("tables.count", False)]
    assert "region" in terms_in("tables.region")
    assert terms_in("tables.name") == []


def test_korean_holds_no_english_but_names_and_english_no_korean() -> None:
    said = [(key, language, words[language]) for key, words in WORDS for language in words if key != OWN_NAMES]
    foreign = {(key, language): (latin if language == "ko" else hangul)(_bare(text)) for key, language, text in said}
    assert {where: words for where, words in foreign.items() if words} == {}


def _bare(words: str) -> str:
    return re.sub(r"\{\w+\}", "", words)


def test_a_word_in_the_wrong_language_would_be_seen() -> None:
    assert latin("SageMaker 노트북 ml.g5.xlarge InService, my-lab in ap-northeast-2") == ["in"]
    assert latin("Cost Explorer에서 Cost 확인") == ["Cost"]
    assert hangul("Notebooks 노트북") == ["노트북"]
