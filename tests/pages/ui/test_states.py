"""Every state AWS can report has a meaning here."""

from typing import Any

import botocore.session
import pytest

from pages.ui import states
from pages.ui.palette import Tone
from pages.ui.text import has

SHOWN = {
    "sagemaker": (
        "NotebookInstanceStatus", "TrainingJobStatus", "SecondaryStatus", "EndpointStatus", "ProcessingJobStatus",
        "TransformJobStatus", "HyperParameterTuningJobStatus", "PipelineExecutionStatus", "VariantStatus",
    ),
    "ec2": ("InstanceStateName",),
    "service-quotas": ("RequestStatus",),
    "scheduler": ("ScheduleState",),
}  # fmt: skip


def states_of(service: str, shape: str) -> list[str]:
    model: Any = botocore.session.get_session().get_service_model(service).shape_for(shape)
    return list(model.enum)


@pytest.mark.parametrize(
    ("service", "shape"), [(service, shape) for service, shapes in SHOWN.items() for shape in shapes]
)
def test_every_state_of_the_service_model_is_known_and_explained(service: str, shape: str) -> None:
    reported = states_of(service, shape)
    assert [state for state in reported if state not in states.known()] == []
    assert [state for state in reported if not has(f"states.{state}")] == []


@pytest.mark.parametrize(
    ("name", "tone", "moving"),
    [
        ("InService", Tone.HEALTHY, False),
        ("InProgress", Tone.HEALTHY, False),
        ("Pending", Tone.MOVING, True),
        ("shutting-down", Tone.MOVING, True),
        ("Stopped", Tone.STOPPED, False),
        ("Completed", Tone.STOPPED, False),
        ("Deleted", Tone.GONE, False),
        ("Failed", Tone.FAILED, False),
    ],
)
def test_a_state_means_one_thing(name: str, tone: Tone, moving: bool) -> None:
    shown = states.state(name)
    assert (shown.tone, shown.is_moving) == (tone, moving)


def test_what_finished_well_has_a_tick() -> None:
    assert states.state("Completed").icon == ":material/check_circle:"
    assert states.state("Stopped").icon == ":material/stop_circle:"


def test_a_state_that_aws_added_later_is_shown_as_it_is() -> None:
    shown = states.state("Levitating")
    assert (shown.tone, shown.help) == (Tone.STOPPED, None)
    assert states.chip_text("Levi[tating]") == ":gray-badge[:material/help: Levi\\[tating\\]]"
