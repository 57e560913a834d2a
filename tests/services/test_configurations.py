"""The configuration is somebody's text: what is wrong is named with its line, and the example works."""

from decimal import Decimal
from pathlib import Path

import pytest

from services.configurations import AccountSettings, Configuration, load
from services.errors import InvalidRequest
from services.profiles import LaunchProfile

EXAMPLE = Path("docs/guides/flightdeck.example.toml")
LAUNCH = """
[accounts.a]
profile = "p"
[accounts.a.launch]
execution_role = "x"
scheduler_role = "s"
bucket = "b"
"""


def said(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "flightdeck.toml"
    path.write_text(text)
    return path


def test_without_a_file_nothing_is_configured(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Configuration()


def test_the_example_is_whole_and_says_what_it_seems_to() -> None:
    configuration = load(EXAMPLE)
    production = configuration.accounts["production"]
    assert production.changes
    assert not any(each.changes for name, each in configuration.accounts.items() if name != "production")
    assert production.launch is not None
    profile = production.launch
    assert profile.max_hours == 24
    assert profile.required_tags == ("CostCenter", "Project")
    assert (profile.root_access, profile.internet_access, profile.makes_bucket) == (False, False, False)
    assert configuration.paid_calls_usd_per_day == Decimal("0.5")


def test_every_key_is_in_the_example_and_in_the_guide() -> None:
    guide = Path("docs/guides/real-account.md").read_text()
    keys = [*AccountSettings.__slots__, *LaunchProfile.__slots__, *Configuration.__slots__]
    assert [key for key in keys if f"`{key}`" not in guide] == []
    example = EXAMPLE.read_text()
    # One address for all services is for gateways: the guide explains it.
    assert [key for key in keys if key not in example and key != "endpoint_url"] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = = 1", "at line 1"),
        ("[accounts.a]\n\nprofle = 'x'", "line 3, accounts.a.profle"),
        ("[accounts.a]\nchanges = true", "line 1, accounts.a: give exactly one of profile, sso and role"),
        ("[accounts.a]\nprofile = 'p'\nsso = {start_url = 'u', region = 'r'}", "exactly one"),
        ("[accounts.a]\nrole = {arn = 'root', profile = 'q'}", "line 2, accounts.a.role: not the ARN of a role"),
        ("[accounts.a]\nprofile = 'p'\ncolour = 'blue'", "line 3, accounts.a.colour"),
        ("[accounts.practice]\nprofile = 'p'", "cannot name an account"),
        ("[accounts.'a b']\nprofile = 'p'", "cannot name an account"),
        ("paid_calls_usd_per_day = -1", "must not be negative"),
        ("\npaid_calls_usd_per_day = 'much'", "line 2, paid_calls_usd_per_day"),
        (LAUNCH + "subnets = ['s']", "go together"),
        (LAUNCH + "internet_access = false", "needs subnets"),
        (LAUNCH + "max_hours = 0", "above 0"),
        (LAUNCH.replace('bucket = "b"', ""), "line 4, accounts.a.launch.bucket"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = said(tmp_path, text)
    with pytest.raises(InvalidRequest) as caught:
        load(path)
    assert words in caught.value.message
    assert caught.value.resource == str(path)
    assert caught.value.remedy


def test_no_value_is_repeated_in_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        load(said(tmp_path, "[accounts.a]\nprofile = 'p'\naws_secret_access_key = 'canary'\nchanges = 'canary'"))
    assert "accounts.a.changes" in caught.value.message
    assert "canary" not in caught.value.message


def test_what_is_no_text_or_no_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flightdeck.toml"
    path.write_bytes(b"\xff\xfe")
    for wrong in (path, tmp_path):
        with pytest.raises(InvalidRequest, match="cannot be read"):
            load(wrong)
