"""Text that somebody else wrote, 200 pieces of it, and replies of AWS that are full of it."""

import json
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from tests.support.faults import Call, Reply

_SEEDS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror='window.pwned=1'>",
    "<svg/onload=window.pwned=1>",
    "</textarea><iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "[click](javascript:window.pwned=1)",
    "![pixel](http://remote.invalid/pixel.png)",
    "<img src='http://remote.invalid/pixel.png'>",
    "<link rel=stylesheet href=//remote.invalid/a.css>",
    "**bold** _em_ `code` $x^2$ :material/delete: :red[red] | a | b |",
    "# heading\n- list\n> quote",
    "```\ncode\n```",
    '=HYPERLINK("http://remote.invalid","click")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "\u202egnp.evil\u202c",
    "\u200b\u200f\u2066right to left\u2069",
    "😀🏴‍☠️👩‍👩‍👧‍👦",
    "\x00\x01\x07\x1b[31mred\x1b[0m",
    "'; DROP TABLE actions; --",
    "{{7*7}} ${7*7} %s %(x)s {0} {name}",
    "../../etc/passwd",
    "x" * 4000,
    "가" * 500,
    "a\u0301" * 300,
)
COUNT = 200
TEXTS = tuple(f"{seed}{number // len(_SEEDS) or ''}" for number, seed in enumerate(islice(cycle(_SEEDS), COUNT)))


def everywhere(call: Call, reply: Reply) -> Reply:
    """AWS's reply with hostile text wherever a person's text may stand."""
    rewrite = _REWRITES.get(call.operation)
    if rewrite is None or reply.status != 200:
        return reply
    return replace(reply, body=json.dumps(rewrite(json.loads(reply.body))).encode())


def _search(body: dict[str, Any]) -> dict[str, Any]:
    """Every text as the name, the owner and the failure of a job of its own."""
    if not body["Results"]:
        return body
    job = body["Results"][0]["TrainingJob"]
    jobs = [
        {
            **job,
            "TrainingJobName": text,
            "TrainingJobArn": f"{job['TrainingJobArn']}-{number}",
            "FailureReason": text,
            "Tags": [{"Key": "flightdeck:owner", "Value": text}],
        }
        for number, text in enumerate(TEXTS)
    ]
    return {**body, "Results": [{"TrainingJob": each} for each in jobs]}


def _describe(body: dict[str, Any]) -> dict[str, Any]:
    parameters = {f"{number}{text[:60]}": text for number, text in enumerate(TEXTS)}
    return {**body, "FailureReason": "\n".join(TEXTS)[:20_000], "HyperParameters": parameters}


def _log(body: dict[str, Any]) -> dict[str, Any]:
    if not body["events"]:
        return body
    return {**body, "events": [{**body["events"][0], "message": text} for text in TEXTS]}


_REWRITES = {"Search": _search, "DescribeTrainingJob": _describe, "GetLogEvents": _log}
