"""README.md and README.ko.md tell the same truth: the same shape, commands, code and links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENGLISH, KOREAN = (ROOT / "README.md").read_text(), (ROOT / "README.ko.md").read_text()


def headings(text: str) -> list[int]:
    """The level of each heading outside of code, in order."""
    return [
        len(marks) for marks in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    ]


def commands(text: str) -> list[str]:
    """The lines of code blocks, without what a comment says."""
    blocks = re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]


def links(text: str) -> list[str]:
    return sorted(set(re.findall(r"\]\(([^)]+)\)", text)) - {"README.md", "README.ko.md"})


def code(text: str) -> list[str]:
    return sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))))


def rows(text: str) -> list[int]:
    """How many cells each row of each table has."""
    return [line.count("|") for line in text.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("part", [headings, commands, links, code, rows], ids=lambda part: part.__name__)
def test_both_readmes_have_the_same(part: object) -> None:
    assert callable(part)
    assert part(KOREAN) == part(ENGLISH)
    assert part(ENGLISH)


def test_the_korean_one_is_in_korean() -> None:
    said = re.sub(r"```.*?```|`[^`]*`|\([^)]*\)", "", KOREAN, flags=re.DOTALL)
    paragraphs = [each for each in said.split("\n\n") if re.search(r"[A-Za-z]{3}", each) and not each.startswith("# ")]
    assert [each for each in paragraphs if len(re.findall("[가-힣]", each)) < 5] == []


@pytest.mark.parametrize("link", [link for link in links(KOREAN) if ":" not in link])
def test_its_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link.split("#")[0]).exists()
