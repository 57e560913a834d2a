"""The preflight in words, and in a terminal."""

import json
from pathlib import Path

import pytest

from pages.ui import preflight_command, preflights
from pages.ui.palette import Tone
from pages.ui.text import has, t
from services.capabilities import CAPABILITIES, GROUPS, MENDED_BY_STATEMENT, SWITCHES
from services.preflights import LACKING, Answer
from services.profiles import LaunchProfile
from services.refusals import BY_METHOD, DENIALS, REFUSALS, Verdict
from tests.support.deck_wishes import BUCKET, cloud_of
from tests.support.practice_account import Account
from tests.support.real_accounts import aws_files, profile_lines, trusted_role
from tests.support.scripted_aws import ScriptedAws

RULES = [*REFUSALS, *(rule for rules in BY_METHOD.values() for rule in rules)]
OTHERS = {"denied", "signed_out", "no_answer", "throttled", "other", "untold", "untold_here", "depends", "no_roles"}
REASONS = {*(rule.reason for rule in RULES), *(reason for _, reason in DENIALS), *LACKING, *OTHERS}


def test_every_answer_has_words() -> None:
    wanted = [
        *(f"preflight.{part}_{each.key}" for each in CAPABILITIES for part in ("cap", "use")),
        *(f"preflight.{part}_{reason}" for reason in REASONS for part in ("why", "fix")),
        *(f"preflight.verdict_{verdict}" for verdict in Verdict),
        *(f"preflight.group_{group}" for group in GROUPS),
    ]
    assert [key for key in wanted if not has(key)] == []


def test_every_reason_leads_somewhere() -> None:
    assert set(SWITCHES) | MENDED_BY_STATEMENT <= REASONS
    switched_off = {rule.reason for rule in RULES if rule.verdict is Verdict.NOT_ENABLED}
    switched_off |= {reason for reason, verdict in LACKING.items() if verdict is Verdict.NOT_ENABLED}
    assert switched_off - set(SWITCHES) == {"no_report"}


def test_no_two_verdicts_look_alike() -> None:
    assert len(set(preflights.ICONS.values())) == len(Verdict)
    assert preflights.TONES[Verdict.ALLOWED] is Tone.HEALTHY
    assert [verdict for verdict, tone in preflights.TONES.items() if tone is Tone.FAILED] == [Verdict.DENIED]


def test_an_answer_says_what_is_missing_and_what_mends_it() -> None:
    denied = Answer("logs", Verdict.DENIED, "denied_no_policy", "logs:DescribeLogGroups")
    assert preflights.why(denied) == "No policy of this identity allows logs:DescribeLogGroups."
    assert json.loads(preflights.statement(denied, ()))["Action"][0] == "logs:DescribeLogGroups"
    assert preflights.switch(denied) == ""
    off = Answer("costs", Verdict.NOT_ENABLED, "costs_off", "ce:GetCostAndUsage")
    assert preflights.statement(off, ()) == ""
    assert preflights.switch(off).startswith("https://console.aws.amazon.com/")
    untold = Answer("stop", Verdict.UNKNOWN, "untold", "iam:SimulatePrincipalPolicy")
    assert json.loads(preflights.statement(untold, ()))["Action"] == ["iam:SimulatePrincipalPolicy"]
    allowed = Answer("logs", Verdict.ALLOWED)
    assert (preflights.why(allowed), preflights.remedy(allowed), preflights.statement(allowed, ())) == ("", "", "")


def test_an_explicit_deny_is_not_mended_by_an_allow() -> None:
    for reason in ("denied_explicit", "denied_organization", "denied_payer"):
        assert preflights.statement(Answer("logs", Verdict.DENIED, reason, "logs:X"), ()) == ""


def test_only_a_practice_account_has_roles_without_a_profile(shared_practice: Account) -> None:
    practice = cloud_of(shared_practice)
    asked = preflights.question(practice)
    assert asked.bucket == BUCKET
    assert sorted(asked.passed_roles.values()) == ["sagemaker.amazonaws.com", "scheduler.amazonaws.com"]
    real = ScriptedAws(url="http://127.0.0.1:9").cloud()
    assert not preflights.question(real).passed_roles
    named = preflights.question(real, LaunchProfile("arn:aws:iam::210987654321:role/a", "", "models"))
    assert named.passed_roles == {"arn:aws:iam::210987654321:role/a": "sagemaker.amazonaws.com"}


@pytest.mark.parametrize(("language", "last"), [("en", "preflight.ready"), ("ko_KR.UTF-8", "preflight.ready")])
def test_the_command_looks_at_the_practice_account_that_runs(
    shared_practice: Account,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    language: str,
    last: str,
) -> None:
    monkeypatch.setenv("FLIGHTDECK_HOME", str(shared_practice.home.parent))
    told = tmp_path / "told.json"
    assert preflight_command.main(["--lang", language, "--json", str(told)]) == 0
    lines = capsys.readouterr().out.splitlines()
    spoken = "ko" if language.startswith("ko") else "en"
    assert len([line for line in lines if line]) == len(CAPABILITIES) + 2
    assert lines[-1] == t(last, spoken=spoken)  # type: ignore[arg-type]
    assert [line for line in lines if "\\" in line] == []
    said = json.loads(told.read_text())
    assert [each["capability"] for each in said["answers"]] == [each.key for each in CAPABILITIES]
    assert "123456789012" not in told.read_text()
    assert shared_practice.access_key not in told.read_text()


def test_without_an_account_the_command_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("FLIGHTDECK_HOME", str(tmp_path))
    assert preflight_command.main(["--lang", "C"]) == 2
    assert "make run" in capsys.readouterr().err
    assert preflight_command.main(["--profile", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err


def test_the_command_looks_at_a_profile_as_the_deck_would_with_its_launch_profile(
    shared_practice: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    roles = [trusted_role(shared_practice, f"preflight-{service}", service) for service in SERVICES]
    written = tmp_path / "flightdeck.toml"
    launch = f'execution_role = "{roles[0]}"\nscheduler_role = "{roles[1]}"\nbucket = "b"'
    written.write_text(f'[accounts.desk]\nprofile = "desk"\n[accounts.desk.launch]\n{launch}\n')
    monkeypatch.setenv("FLIGHTDECK_CONFIG", str(written))
    told = tmp_path / "told.json"
    with aws_files(tmp_path, profile_lines("desk", shared_practice)):
        assert preflight_command.main(["--profile", "desk", "--json", str(told)]) == 0
    said = {each["capability"]: each["verdict"] for each in json.loads(told.read_text())["answers"]}
    assert said["pass_role"] == "allowed"


SERVICES = ("sagemaker.amazonaws.com", "scheduler.amazonaws.com")
