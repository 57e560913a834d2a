"""Filter patterns of terms: docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html."""

import re
from dataclasses import dataclass

from practice.errors import ServiceError, not_implemented

_TERM = re.compile(r'(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s"]+))')
_STRUCTURED = ("{", "[", "%")


@dataclass(frozen=True, slots=True)
class Pattern:
    """An event matches that holds every `all`, no `none`, and one of `any` where there are such. Case matters."""

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()


def parse(text: str) -> Pattern:
    """Terms, "exact phrases", ?either ?or, -without. With other terms beside them AWS ignores `?` terms: so does this.

    Raises ServiceError: InvalidParameterException for an open quote; 501 for JSON, space-delimited and regex patterns.
    """
    text = text.strip()
    if text.startswith(_STRUCTURED):
        raise not_implemented("logs", "FilterLogEvents with JSON, space-delimited or regular expression patterns")
    terms: dict[str, list[str]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        found = _TERM.match(text, position)
        if found is None:
            raise ServiceError("InvalidParameterException", f"Invalid filter pattern: {text}")
        quoted = found["quoted"]
        term = found["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        terms[found["sign"]].append(term)
        position = found.end()
        position += len(text) - position - len(text[position:].lstrip())
    either = () if terms[""] or terms["-"] else tuple(terms["?"])
    return Pattern(tuple(terms[""]), either, tuple(terms["-"]))
