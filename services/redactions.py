"""A preflight as JSON to hand to others: what went wrong stays readable, who and what it was about does not.

Account numbers, ARNs, names, keys, addresses and whatever else may be a secret become masks. The same thing has the
same mask everywhere in one report, so that two lines about one role can still be seen to be about one.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from services.cloud import Account
from services.preflights import Answer, Report

_ARN = re.compile(r"arn:[\w-]+:[\w-]*:[\w*-]*:[\w*-]*:(?:[^\s\"',;)]|,(?=\S))+")
_PATTERNS = (
    ("key", re.compile(r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|AIDA|AROA|ANPA|AGPA|AIPA|ABIA|ACCA)[A-Z0-9]{8,}\b")),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("address", re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")),
    ("account", re.compile(r"(?<!\d)\d{4}-?\d{4}-?\d{4}(?!\d)")),
    ("url", re.compile(r"https?://[^\s\"']+")),
    ("id", re.compile(r"\b(?:[a-z]+-)?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b")),
    ("text", re.compile(r"[\"'“‘`]([^\"'”’`]{3,})[\"'”’`]")),
    ("token", re.compile(r"(?=[A-Za-z+/=_-]*\d)[A-Za-z0-9+/=_-]{24,}|[A-Za-z0-9+/=_-]{40,}")),
)
"""What to mask, in this order; the longest things of a kind first, so that no half of one remains."""
_SHORTEST_NAME = 3
_ACTION = re.compile(r"[a-z0-9-]+:[A-Za-z]+")
_CODE = re.compile(r"[A-Za-z0-9.]{1,64}")


class Masks:
    """What each secret is called in one report. `names` are known beforehand: the profile, an alias, a bucket."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._masks: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        for name in names:
            self._learn(name)

    def learn(self, text: str) -> None:
        """Take the names out of the ARNs in a text, so that they are masked wherever else they stand."""
        for arn in _ARN.findall(text):
            _, _, service, _, _, resource = arn.split(":", 5)
            parts = re.split(r"[/:]", resource)
            # The first part is the kind of a resource, but for a bucket and for what has no kind.
            for part in parts[1:] if len(parts) > 1 and service != "s3" else parts:
                self._learn(part)

    def masked(self, text: str) -> str:
        """The text with every secret under its mask."""
        text = _ARN.sub(lambda found: self._mask("arn", found.group()), text)
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, self._masks[secret])
        for kind, pattern in _PATTERNS:
            text = pattern.sub(lambda found, kind=kind: self._mask(kind, found.group()), text)  # type: ignore[misc]
        return text

    def _learn(self, name: str) -> None:
        if len(name) >= _SHORTEST_NAME and name.strip("*."):
            self._mask("name", name)

    def _mask(self, kind: str, secret: str) -> str:
        if secret in self._masks.values():
            return secret
        if secret not in self._masks:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._masks[secret] = f"<{kind} {self._counts[kind]}>"
        return self._masks[secret]


def shared(report: Report, account: Account, names: Iterable[str] = ()) -> str:
    """The report as JSON without the account's number, names or keys; times are aware UTC, money is in dollars."""
    known = (
        account.alias,
        account.profile or "",
        account.access_key or "",
        account.secret_key or "",
        account.name,
        *names,
    )
    masks = Masks([account.account_id, *known])
    for text in (account.arn, *report.roles, *(answer.message for answer in report.answers)):
        masks.learn(text)
    said: dict[str, Any] = {
        "account": masks.masked(account.account_id),
        "kind": str(account.kind),
        "region": report.region,
        "at": report.at.isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 2),
        "usd": str(report.usd),
        "ready": report.ready,
        "answers": [_shown(answer, masks) for answer in report.answers],
    }
    return json.dumps(said, indent=1, ensure_ascii=False)


def _shown(answer: Answer, masks: Masks) -> dict[str, Any]:
    """Actions and codes are AWS's vocabulary; what does not look like it is masked as any text is."""
    return {
        "capability": answer.capability,
        "verdict": str(answer.verdict),
        "reason": answer.reason,
        "action": answer.action if _ACTION.fullmatch(answer.action) else masks.masked(answer.action),
        "code": answer.code if _CODE.fullmatch(answer.code) else masks.masked(answer.code),
        "message": masks.masked(answer.message),
        "seconds": round(answer.seconds, 2),
        "usd": str(answer.usd),
    }
