"""`python -m pages.ui.preflight_command`: the preflight in a terminal, its answers as they come; `make preflight`.

Without a profile it looks at the practice account that runs in FLIGHTDECK_HOME. Ends with 0 when the deck can show the
account truthfully, else with 1; with 2 when there is no account to look at.
"""

import argparse
import getpass
import os
import sys
import unicodedata
from pathlib import Path

from pages.ui import formats, preflights
from pages.ui.formats import Language
from pages.ui.text import plain, unescape
from services import configurations, connections
from services.access import Actor, Role
from services.cloud import Account, Cloud
from services.errors import DeckError, NotFound
from services.practice_homes import account_at
from services.preflights import Answer, fly
from services.profiles import LaunchProfile
from services.redactions import shared

DEFAULT_REGION = "ap-northeast-2"
NAME_WIDTH, VERDICT_WIDTH = 32, 14


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    spoken: Language = "ko" if options.lang.startswith("ko") else "en"
    try:
        cloud = Cloud(_real(options.profile) if options.profile else _practice(), options.region)
    except DeckError as error:
        return _say_why_not(f"{error.resource}: {error.message} {error.remedy}".rstrip())
    except FileNotFoundError:
        return _say_why_not(plain("preflight.no_practice", spoken=spoken, home=str(_home() / "practice")))
    profile = LaunchProfile(options.role, options.scheduler_role, options.bucket) if options.role else None
    report = fly(preflights.question(cloud, profile), lambda answer: _say(_line(answer, spoken)))
    _say("")
    length, cost = formats.duration(max(report.seconds, 1.0), spoken), formats.usd(report.usd)
    _say(plain("preflight.total", spoken=spoken, count=len(report.answers), seconds=length, usd=cost))
    _say(plain("preflight.ready" if report.ready else "preflight.not_ready", spoken=spoken))
    if options.json:
        Path(options.json).write_text(shared(report, cloud.account, [options.role, options.bucket]) + "\n")
    return 0 if report.ready else 1


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="preflight", description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="", help="a profile of ~/.aws/config; without it, the practice account")
    parser.add_argument("--region", default=DEFAULT_REGION)
    parser.add_argument("--role", default="", help="ARN of the execution role that launches would pass to SageMaker")
    parser.add_argument("--scheduler-role", default="", help="ARN of the role that auto-stops would run as")
    parser.add_argument("--bucket", default="", help="the bucket of launches")
    parser.add_argument("--json", default="", help="write the report there, without names, numbers and keys")
    parser.add_argument("--lang", default=os.environ.get("LC_ALL") or os.environ.get("LANG", "en"), help="en or ko")
    return parser.parse_args(arguments)


def _home() -> Path:
    return Path(os.environ.get("FLIGHTDECK_HOME", "~/.flightdeck")).expanduser()


def _practice() -> Account:
    return account_at(_home() / "practice")


def _real(profile: str) -> Account:
    """The account that a profile opens, as the deck would connect to it. Raises: NotConnected, NotFound, DeckError."""
    known = connections.list_connections(configurations.load(configurations.path(_home())))
    found = next((each for each in known if each.settings.profile == profile), None)
    if found is None:
        raise NotFound("~/.aws/config knows no such profile", resource=profile)
    return connections.connect(found, Actor(getpass.getuser(), Role.ADMIN))


def _line(answer: Answer, spoken: Language) -> str:
    said = [
        _padded(preflights.verdict(answer, spoken), VERDICT_WIDTH),
        _padded(preflights.name(answer, spoken), NAME_WIDTH),
    ]
    return unescape(" ".join([*said, preflights.why(answer, spoken)])).rstrip()


def _padded(words: str, width: int) -> str:
    """Hangul takes two columns of a terminal."""
    words = unescape(words)
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)
    return words + " " * (width - columns)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _say_why_not(why: str) -> int:
    sys.stderr.write(f"{why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())
