"""What a launch profile allows, asks for and limits: said while planning, and held when a plan is sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import endpoint_plans, notebook_plans, training_plans
from services.access import require_changes
from services.cloud import Account, AccountKind, Cloud
from services.endpoints import Restorable
from services.errors import AccessDenied, InvalidRequest
from services.guard_plans import Guarded, plan_guard
from services.launches import carry_out
from services.ledger import Ledger
from services.limits import check_plan
from services.notebook_plans import NotebookWish
from services.notebooks import Notebook, NotebookStatus
from services.planning import Surroundings
from services.plans import OWNER_TAG, Plan, refuses
from services.profiles import LaunchProfile
from services.variants import Variant
from tests.support.deck_wishes import ACCOUNT_ID, BUCKET, EXECUTION, KIM, SCHEDULER, endpoint_wish, training_wish
from tests.support.ports import free_port
from tests.support.practice_account import REGION

NOW = datetime(2026, 11, 1, tzinfo=UTC)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/k"
STRICT = LaunchProfile(
    EXECUTION,
    SCHEDULER,
    BUCKET,
    subnets=("subnet-1", "subnet-2"),
    security_groups=("sg-1",),
    kms_key=KEY,
    root_access=False,
    internet_access=False,
    owner_tag="Owner",
    tags=(("CostCenter", "ml"),),
    asked_tags=("Project",),
    instance_types=("ml.t3.*", "ml.m5.large", "ml.g5.xlarge"),
    max_hours=24,
)
GIVEN = (("Project", "surveillance"),)


def around(profile: LaunchProfile = STRICT, tags: tuple[tuple[str, str], ...] = GIVEN) -> Surroundings:
    return Surroundings(NOW, ACCOUNT_ID, "kim", None, profile, tags)


def wish(**changes: object) -> NotebookWish:
    return replace(
        NotebookWish("lab", REGION, "ml.t3.medium", 5, EXECUTION, 8.0, SCHEDULER),
        **changes,  # type: ignore[arg-type]
    )


def notebook(instance_type: str) -> Notebook:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:notebook-instance/lab"
    return Notebook("lab", arn, REGION, instance_type, NotebookStatus.STOPPED, NOW, NOW, 5)


def refusals(plan: Plan) -> list[str]:
    return [check.code for check in plan.checks if refuses(check)]


def test_a_notebook_gets_network_key_root_and_tags_of_the_profile() -> None:
    plan = notebook_plans.plan_launch(wish(), around())
    request = plan.calls[0].parameters
    assert not plan.refused
    assert request["SubnetId"] == "subnet-1"
    assert request["SecurityGroupIds"] == ["sg-1"]
    assert request["KmsKeyId"] == KEY
    assert (request["DirectInternetAccess"], request["RootAccess"]) == ("Disabled", "Disabled")
    tags = {tag["Key"]: tag["Value"] for tag in request["Tags"]}
    assert tags.items() >= {"CostCenter": "ml", "Project": "surveillance", "Owner": "kim", OWNER_TAG: "kim"}.items()


def test_an_open_profile_leaves_the_defaults_of_aws() -> None:
    request = notebook_plans.plan_launch(wish(), around(LaunchProfile(EXECUTION, SCHEDULER, BUCKET), ())).calls[0]
    names = {"NotebookInstanceName", "InstanceType", "RoleArn", "VolumeSizeInGB", "Tags"}
    assert set(request.parameters) == names


def test_a_training_job_gets_network_and_keys(tmp_path: Path) -> None:
    plan = training_plans.plan_launch(training_wish(tmp_path, "job", ""), around())
    request = plan.calls[-1].parameters
    assert not plan.refused
    assert request["VpcConfig"] == {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert request["ResourceConfig"]["VolumeKmsKeyId"] == KEY
    assert request["OutputDataConfig"]["KmsKeyId"] == KEY


def test_an_endpoint_gets_network_and_key_and_every_part_its_tags() -> None:
    plan = endpoint_plans.plan_launch(endpoint_wish("e"), around())
    model, config, endpoint = (call.parameters for call in plan.calls[:3])
    assert not plan.refused
    assert model["VpcConfig"]["Subnets"] == ["subnet-1", "subnet-2"]
    assert config["KmsKeyId"] == KEY
    assert model["Tags"] == config["Tags"] == endpoint["Tags"]
    assert {"Key": "CostCenter", "Value": "ml"} in endpoint["Tags"]


def test_disks_of_the_host_take_no_key_and_that_is_said() -> None:
    plan = endpoint_plans.plan_launch(endpoint_wish("e", instance_type="ml.g5.xlarge"), around())
    assert "KmsKeyId" not in plan.calls[1].parameters
    assert "key_of_hardware" in [check.code for check in plan.checks]
    unknown = endpoint_plans.plan_launch(endpoint_wish("e", instance_type="ml.none.large"), around())
    assert unknown.calls[1].parameters["KmsKeyId"] == KEY


@pytest.mark.parametrize(
    ("make", "codes"),
    [
        (lambda: notebook_plans.plan_launch(wish(instance_type="ml.p4d.24xlarge"), around()), ["type_not_allowed"]),
        (lambda: notebook_plans.plan_launch(wish(auto_stop_hours=24.5), around()), ["max_hours"]),
        (lambda: notebook_plans.plan_launch(wish(auto_stop_hours=None), around()), ["max_hours"]),
        (lambda: notebook_plans.plan_launch(wish(auto_stop_hours=24.0), around()), []),
        (lambda: notebook_plans.plan_launch(wish(), around(tags=())), ["tag_missing"]),
        (lambda: notebook_plans.plan_launch(wish(), around(tags=(*GIVEN, ("CostCenter", "x")))), ["tag_missing"]),
        (lambda: notebook_plans.plan_start(notebook("ml.p4d.24xlarge"), around(), 8, SCHEDULER), ["type_not_allowed"]),
        (lambda: notebook_plans.plan_start(notebook("ml.t3.medium"), around(), None, SCHEDULER), ["max_hours"]),
        (lambda: notebook_plans.plan_resize(notebook("ml.t3.medium"), "ml.m5.4xlarge", 5, around()),
         ["type_not_allowed"]),
        (lambda: notebook_plans.plan_stop(notebook("ml.p4d.24xlarge")), []),
        (lambda: endpoint_plans.plan_launch(endpoint_wish("e", auto_stop_hours=48.0), around()), ["max_hours"]),
        (lambda: endpoint_plans.plan_restore(
            Restorable("e", REGION, NOW, (Variant("v", "m", "ml.p4d.24xlarge", 1, 1.0),)), around(), 8, SCHEDULER),
         ["type_not_allowed"]),
        (lambda: plan_guard(Guarded("notebook", "lab", "arn", REGION, ()), None, 48, NOW, STRICT), ["max_hours"]),
        (lambda: plan_guard(Guarded("notebook", "lab", "arn", REGION, ()), None, 8, NOW, STRICT), []),
    ],
)  # fmt: skip
def test_what_goes_beyond_the_profile_is_refused(make: Callable[[], Plan], codes: list[str]) -> None:
    assert refusals(make()) == codes


def test_a_training_job_may_not_run_longer_than_the_profile_allows(tmp_path: Path) -> None:
    long = training_wish(tmp_path, "job", "", max_run_seconds=25 * 3600)
    assert refusals(training_plans.plan_launch(long, around())) == ["max_hours"]


def real(**changes: object) -> Account:
    """A real account at an address where nobody answers: a call that leaves would be seen."""
    account = Account(AccountKind.REAL, ACCOUNT_ID, "prod", f"http://127.0.0.1:{free_port()}", name="prod")
    return replace(account, **changes)  # type: ignore[arg-type]


def test_a_real_account_is_read_only_until_the_configuration_says_otherwise(ledger: Ledger) -> None:
    plan = notebook_plans.plan_launch(wish(), around())
    with pytest.raises(AccessDenied, match="read-only") as caught:
        carry_out(Cloud(real(), REGION), ledger, plan, KIM)
    assert "changes = true under [accounts.prod]" in caught.value.remedy
    assert caught.value.resource == "accounts.prod.changes"
    assert ledger.actions(real().key) == []
    require_changes(real(changes=True))
    require_changes(replace(real(), kind=AccountKind.PRACTICE))


@pytest.mark.parametrize(
    "plan",
    [
        notebook_plans.plan_launch(wish(instance_type="ml.p4d.24xlarge"), around(LaunchProfile("r", "s", "b"))),
        notebook_plans.plan_launch(wish(), around(LaunchProfile("r", "s", "b"))),
        notebook_plans.plan_start(notebook("ml.t3.medium"), around(LaunchProfile("r", "s", "b")), 720, SCHEDULER),
    ],
    ids=["type", "tags", "hours"],
)
def test_a_plan_made_without_the_profile_is_not_sent_either(ledger: Ledger, plan: Plan) -> None:
    account = real(changes=True, launch=STRICT)
    assert not plan.refused
    with pytest.raises(InvalidRequest, match="refused"):
        carry_out(Cloud(account, REGION), ledger, plan, KIM)
    assert ledger.actions(account.key) == []


def test_stopping_is_never_held_to_the_limits_of_launching() -> None:
    huge = notebook("ml.p4d.24xlarge")
    for plan in (notebook_plans.plan_stop(huge), notebook_plans.plan_delete(huge)):
        assert not plan.refused
        assert check_plan(plan, STRICT, NOW) == ()
