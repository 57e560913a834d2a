"""What IAM's simulator says, and for whom it is asked."""

import pytest

from services.capabilities import BY_KEY
from services.preflights import asked
from services.probes import Question
from services.refusals import Verdict
from tests.services.test_refusals import DENIED, NOW, WHO
from tests.support.scripted_aws import ACCOUNT_ID, Refuse, ScriptedAws, identity, simulation

USER = f"arn:aws:iam::{ACCOUNT_ID}:user/kim"
ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/flightdeck-execution"
CREATE, TAG = "sagemaker:CreateNotebookInstance", "sagemaker:AddTags"
MISSING = "<MissingContextValues><member>aws:RequestTag/team</member></MissingContextValues>"
OUTSIDE = (
    "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>"
)
BOUND = (
    "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>"
    "</PermissionsBoundaryDecisionDetail>"
)


@pytest.mark.parametrize(
    ("decisions", "details", "verdict", "reason", "action"),
    [
        ({CREATE: "allowed", TAG: "allowed"}, "", Verdict.ALLOWED, "", ""),
        ({CREATE: "allowed", TAG: "implicitDeny"}, "", Verdict.DENIED, "denied_no_policy", TAG),
        ({CREATE: "explicitDeny", TAG: "allowed"}, "", Verdict.DENIED, "denied_explicit", CREATE),
        ({CREATE: "implicitDeny"}, OUTSIDE, Verdict.DENIED, "denied_organization", CREATE),
        ({CREATE: "implicitDeny"}, BOUND, Verdict.DENIED, "denied_boundary", CREATE),
        ({CREATE: "implicitDeny"}, MISSING, Verdict.UNKNOWN, "depends", CREATE),
    ],
)
def test_the_worst_decision_counts(
    scripted_aws: ScriptedAws, decisions: dict[str, str], details: str, verdict: Verdict, reason: str, action: str
) -> None:
    script = {"sts:GetCallerIdentity": identity(USER), "iam:SimulatePrincipalPolicy": simulation(decisions, details)}
    scripted_aws.script(dict(script))
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["launch_notebook"]])
    assert (answer.verdict, answer.reason, answer.action) == (verdict, reason, action)


def test_who_may_not_ask_is_told_that_nothing_can_be_told(scripted_aws: ScriptedAws) -> None:
    refusal = Refuse(DENIED, f"{WHO} iam:SimulatePrincipalPolicy because no identity-based policy allows it", 403)
    scripted_aws.script({"sts:GetCallerIdentity": identity(USER), "iam:SimulatePrincipalPolicy": refusal})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["launch_training"]])
    assert (answer.verdict, answer.reason, answer.action) == (
        Verdict.UNKNOWN,
        "untold",
        "iam:SimulatePrincipalPolicy",
    )


def test_the_root_user_has_no_policies(scripted_aws: ScriptedAws) -> None:
    scripted_aws.script({"sts:GetCallerIdentity": identity(f"arn:aws:iam::{ACCOUNT_ID}:root")})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["stop"]])
    assert answer.reason == "root"
    assert "iam:SimulatePrincipalPolicy" not in scripted_aws.asked


@pytest.mark.parametrize("may_look_up", [True, False])
def test_a_session_is_judged_by_its_role(scripted_aws: ScriptedAws, may_look_up: bool) -> None:
    session = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/Deck/kim"
    role = f"<Arn>arn:aws:iam::{ACCOUNT_ID}:role/team/Deck</Arn><RoleName>Deck</RoleName><Path>/team/</Path>"
    found = f"<GetRoleResponse><GetRoleResult><Role>{role}</Role></GetRoleResult></GetRoleResponse>"
    scripted_aws.script(
        {
            "sts:GetCallerIdentity": identity(session),
            "iam:GetRole": found if may_look_up else Refuse("AccessDenied", f"{WHO} iam:GetRole", 403),
            "iam:SimulatePrincipalPolicy": simulation({CREATE: "allowed"}),
        }
    )
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["launch_notebook"]])
    assert answer.verdict is Verdict.ALLOWED
    path = "role/team/Deck" if may_look_up else "role/Deck"
    assert scripted_aws.values["iam:SimulatePrincipalPolicy"]["PolicySourceArn"] == [
        f"arn:aws:iam::{ACCOUNT_ID}:{path}"
    ]


def test_a_role_is_passed_to_the_service_that_takes_it(scripted_aws: ScriptedAws) -> None:
    scripted_aws.script(
        {
            "sts:GetCallerIdentity": identity(USER),
            "iam:SimulatePrincipalPolicy": simulation({"iam:PassRole": "allowed"}),
        }
    )
    question = Question(scripted_aws.cloud(), NOW, passed_roles={ROLE: "sagemaker.amazonaws.com"})
    (told,) = asked(question, [BY_KEY["pass_role"]])
    (untold,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["pass_role"]])
    values = scripted_aws.values["iam:SimulatePrincipalPolicy"]
    assert values["ResourceArns.member.1"] == [ROLE]
    assert values["ContextEntries.member.1.ContextKeyValues.member.1"] == ["sagemaker.amazonaws.com"]
    assert told.verdict is Verdict.ALLOWED
    assert (untold.verdict, untold.reason) == (Verdict.UNKNOWN, "no_roles")
