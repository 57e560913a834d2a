"""What one takes away from a plan: commands that AWS's own models know, and JSON that holds every digit."""

import json
import re
import shlex
from decimal import Decimal

import botocore.session
import pytest
from botocore.model import Shape

from services import mix_documents, spot_documents
from services.mix_models import Allowed
from services.offer_rates import COMPUTE_PLAN, EC2_INSTANCE_PLAN, RESERVED, SAGEMAKER_PLAN
from services.purchase_mixes import Mix, drop, find_mix
from services.spot_jobs import Checkpoint, Job
from services.spot_markets import shipped_market
from services.spot_plans import SpotPlan, plan
from services.usages import Usage
from tests.services.mix_rows import G5, M5, ML, rate, usage

PAGING = {"max-items", "no-include-marketplace"}
"""Options of the command line itself, and a flag's negation."""
USED = usage([M5, G5, ML], (2, 3, 1), (2, 1, 1))


def members(command: str) -> tuple[dict[str, Shape], list[str]]:
    """The members of the operation that a command calls, named as the command line does, and the options it uses."""
    _, service, operation, *words = shlex.split(command)
    model = botocore.session.get_session().get_service_model(service)
    name = next(each for each in model.operation_names if re.sub(r"(?<!^)(?=[A-Z])", "-", each).lower() == operation)
    shape = model.operation_model(name).input_shape
    assert shape is not None
    known = {re.sub(r"(?<!^)(?=[A-Z])", "-", each).lower(): member for each, member in shape.members.items()}
    return known, [word.removeprefix("--") for word in words if word.startswith("--")]


def mix(option: str, payment: str = "partial_upfront") -> Mix:
    rates = [rate(line, "on_demand", "1") for line in USED.lines]
    rates += [rate(line, option, "0.6", payment_option=payment) for line in USED.lines if _covers(option, line.service)]
    return find_mix(USED, rates, Allowed())


def _covers(option: str, service: str) -> bool:
    return (option == SAGEMAKER_PLAN) == (service == "sagemaker")


@pytest.mark.parametrize("option", [RESERVED, EC2_INSTANCE_PLAN, COMPUTE_PLAN, SAGEMAKER_PLAN])
@pytest.mark.parametrize("payment", ["no_upfront", "partial_upfront", "all_upfront"])
def test_commands_have_only_options_that_aws_knows(option: str, payment: str) -> None:
    commitments = mix(option, payment).commitments
    assert commitments
    for each in commitments:
        for command in mix_documents.commands(each):
            known, used = members(command)
            assert set(used) - {"region"} - PAGING <= set(known), command
            _check_values(command, known)


def _check_values(command: str, known: dict[str, Shape]) -> None:
    words = shlex.split(command)
    for name, shape in known.items():
        if f"--{name}" in words:
            value = words[words.index(f"--{name}") + 1]
            listed = getattr(shape, "member", shape)
            allowed = getattr(listed, "enum", None)
            assert not allowed or value in allowed, (name, value, allowed)


def test_a_reservation_is_found_and_bought_by_its_terms() -> None:
    (m5, _) = mix(RESERVED, "all_upfront").commitments
    find, buy = mix_documents.commands(m5)
    assert "--instance-type m5.large --offering-class standard --offering-type 'All Upfront'" in find
    assert "--min-duration 31536000 --max-duration 31536000" in find
    assert buy.endswith("--reserved-instances-offering-id OFFERING_ID --instance-count 2")
    assert mix_documents.console_address(m5).startswith("https://ap-northeast-2.console.aws.amazon.com/ec2/")


def test_a_plan_is_bought_with_its_commitment_and_what_is_due() -> None:
    (compute,) = mix(COMPUTE_PLAN).commitments
    find, buy = mix_documents.commands(compute)
    assert "--plan-types Compute --payment-options 'Partial Upfront' --durations 31536000" in find
    assert f"--commitment {compute.quantity.normalize():f} --upfront-payment-amount " in buy
    assert Decimal(buy.split()[-1]) == round(compute.quantity * 8760 / 2, 2)
    g5, m5 = mix(EC2_INSTANCE_PLAN, "no_upfront").commitments
    assert mix_documents.commands(m5)[0].endswith("name=region,values=ap-northeast-2 name=instanceFamily,values=m5")
    assert "upfront" not in mix_documents.commands(g5)[1]
    assert mix_documents.console_address(compute).endswith("#/savings-plans/purchase")


def test_json_holds_the_plan_to_the_last_digit() -> None:
    found = mix(COMPUTE_PLAN)
    rates = [each for commitment in found.commitments for each in commitment.rates]
    lower = drop(found, USED, [*rates, *(rate(line, "on_demand", "1") for line in USED.lines)], Allowed())
    said = json.loads(mix_documents.as_json(found, lower, USED))
    assert Decimal(said["month"]["usd"]) == found.pricing.usd
    assert Decimal(said["when_usage_drops"]["regret_usd"]) == lower.regret_usd
    assert said["usage"]["hours"] == 2
    assert [each["instance_hours"] for each in said["usage"]["lines"]] == ["4", "4", "2"]
    (commitment,) = said["commitments"]
    assert commitment["purchase_option"] == COMPUTE_PLAN
    assert {each["confidence"] for each in commitment["rates"]} == {"listed"}
    assert all(command.startswith("aws savingsplans ") for command in commitment["commands"])


@pytest.fixture(scope="module")
def spot() -> SpotPlan:
    job = Job("g5.xlarge", 2, 10, 20, Checkpoint(1, 0.05, 0.1))
    return plan(job, shipped_market("g5.xlarge", ["ap-northeast-2", "us-west-2"]), runs=50)


def test_looking_at_spot_asks_for_nothing(spot: SpotPlan) -> None:
    commands = spot_documents.commands(spot)
    assert spot_documents.console_address(spot).startswith("https://ap-northeast-2.console.aws.amazon.com/ec2/")
    assert len(commands) == 3
    for command in commands:
        known, used = members(command)
        assert set(used) - {"region"} - PAGING <= set(known), command
        assert re.match(r"aws ec2 (describe|get)-", command)


def test_a_spot_plan_is_json_without_infinity(spot: SpotPlan) -> None:
    said = json.loads(spot_documents.as_json(spot), parse_constant=lambda name: pytest.fail(name))
    assert [each["way"] for each in said["ways"]] == ["on_demand", "one_zone", "zones", "regions"]
    assert said["ways"][1]["usd"].keys() == {"p5", "p50", "p95"}
    calm = plan(spot.job, shipped_market("g5.xlarge", ["ap-northeast-2"], times_as_often=0), runs=10)
    assert json.loads(spot_documents.as_json(calm))["mean_hours_between_interruptions"] is None


def test_nothing_bought_is_nothing_to_run() -> None:
    bare = Usage(USED.start, (M5,), ((Decimal(1),),))
    found = find_mix(bare, [rate(M5, "on_demand", "1")], Allowed())
    lower = drop(found, bare, [rate(M5, "on_demand", "1")], Allowed())
    assert json.loads(mix_documents.as_json(found, lower, bare))["commitments"] == []
