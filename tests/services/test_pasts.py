"""From calls to states: what each call does, what is assumed between, and what AWS's own word replaces."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import pasts
from services.pasts import UNKNOWN, Life, Mark
from services.sightings import UNSEEN, Evidence, Holding, Span
from services.trails import EVENTS, Deed
from tests.support.deck_rows import at

MEDIUM, LARGE = Holding((("ml.t3.medium", 1),), 5), Holding((("ml.t3.large", 1),), 20)
CONFIGS = {"one": Holding((("ml.m5.large", 1),), 0), "two": Holding((("ml.m5.large", 2),), 20)}
CREATE: Mapping[str, Any] = {"instanceType": "ml.t3.medium"}
USUAL = {"Pending": timedelta(minutes=6), "Creating": timedelta(minutes=6)}


def deed(hours: float, what: str, request: Mapping[str, Any] | None = None) -> Deed:
    """A call at that hour; `Create`, `Start`, ... are of a notebook instance, names in full of an endpoint."""
    name = what if what in EVENTS else f"{what}NotebookInstance"
    said = request if request is not None else CREATE if what == "Create" else {}
    return Deed(f"{what}-{hours}", at(hours), name, EVENTS[name][0], "n", "arn", "kim", said)


def told(*deeds: Deed, seen: tuple[Mark, ...] = (), usual: Mapping[str, timedelta] = USUAL) -> list[Span]:
    (life,) = pasts.lives(deeds)
    return pasts.tell(life, pasts.before_first(life, None, at(-10), MEDIUM), seen, usual, CONFIGS)


def states(spans: list[Span]) -> list[tuple[str, datetime, Evidence]]:
    return [(span.state, span.start, span.started_by) for span in spans]


def described(hours: float, state: str, holding: Holding = MEDIUM) -> Mark:
    return Mark(at(hours), state, Evidence.DESCRIBED, holding)


def test_calls_begin_states_and_what_follows_is_as_it_usually_is() -> None:
    spans = told(deed(0, "Create"), deed(2, "Stop"), deed(3, "Start"), deed(5, "Stop"), deed(6, "Delete"))
    assert states(spans) == [
        ("Pending", at(0), Evidence.CLOUDTRAIL),
        ("InService", at(0.1), Evidence.ASSUMED),
        ("Stopped", at(2), Evidence.ASSUMED),
        ("Pending", at(3), Evidence.CLOUDTRAIL),
        ("InService", at(3.1), Evidence.ASSUMED),
        ("Stopped", at(5), Evidence.ASSUMED),
    ]
    assert (spans[-1].end, spans[-1].ended_by) == (at(6), Evidence.CLOUDTRAIL)
    assert [span.holding for span in spans] == [MEDIUM] * 6


def test_what_aws_describes_replaces_what_is_assumed() -> None:
    spans = told(deed(0, "Create"), deed(2, "Stop"), seen=(described(0.001, "Pending"), described(2.5, "Stopped")))
    assert states(spans) == [
        ("Pending", at(0.001), Evidence.DESCRIBED),
        ("InService", at(0.1), Evidence.ASSUMED),
        ("Stopping", at(2), Evidence.CLOUDTRAIL),
        ("Stopped", at(2.5), Evidence.DESCRIBED),
    ]
    assert (spans[-1].end, spans[-1].ended_by) == (None, None)


def test_a_start_that_failed_is_known_by_the_next_call() -> None:
    spans = told(deed(0, "Create"), deed(1, "Start"), deed(2, "Delete"))
    assert [span.state for span in spans] == ["Pending", "Failed", "Pending", "Failed"]


def test_a_resize_counts_from_its_call_on() -> None:
    larger = {"instanceType": "ml.t3.large", "volumeSizeInGB": 20}
    spans = told(deed(0, "Create"), deed(1, "Stop"), deed(2, "Update", larger), deed(3, "Start"), deed(4, "Delete"))
    assert [span.holding for span in spans if span.start < at(2)] == [MEDIUM] * 3
    assert {span.holding for span in spans if span.start >= at(2)} == {LARGE}
    assert pasts.held(deed(2, "Update", {"volumeSizeInGB": 20}), MEDIUM, {}).instances == MEDIUM.instances


def test_an_endpoint_holds_its_new_configuration_once_the_update_is_through() -> None:
    spans = told(
        deed(0, "CreateEndpoint", {"endpointConfigName": "one"}),
        deed(2, "UpdateEndpoint", {"endpointConfigName": "two"}),
        deed(4, "UpdateEndpointWeightsAndCapacities", {"desiredWeightsAndCapacities": [{"desiredInstanceCount": 3}]}),
        deed(6, "DeleteEndpoint"),
        usual={"Creating": timedelta(hours=1), "Updating": timedelta(hours=1), "Deleting": timedelta(minutes=3)},
    )
    assert [(span.state, span.start, span.holding.instances[0][1]) for span in spans] == [
        ("Creating", at(0), 1),
        ("InService", at(1), 1),
        ("Updating", at(2), 1),
        ("InService", at(3), 2),
        ("Updating", at(4), 2),
        ("InService", at(5), 3),
        ("Deleting", at(6), 3),
    ]
    assert (spans[-1].end, spans[-1].ended_by) == (at(6.05), Evidence.ASSUMED)
    assert spans[-1].holding.volume_gib == 30


@pytest.mark.parametrize("what", ["CreateEndpoint", "UpdateEndpoint"])
def test_a_configuration_that_nobody_kept_is_unknown(what: str) -> None:
    assert pasts.held(deed(0, what, {"endpointConfigName": "lost"}), MEDIUM, CONFIGS) == UNKNOWN


def test_several_variants_keep_what_they_had() -> None:
    two = Holding((("ml.m5.large", 1), ("ml.c5.large", 1)))
    asked = {"desiredWeightsAndCapacities": [{"desiredInstanceCount": 3}]}
    assert pasts.held(deed(0, "UpdateEndpointWeightsAndCapacities", asked), two, {}) == two


def test_a_configuration_says_what_its_endpoints_hold() -> None:
    variants = [{"instanceType": "ml.m5.large", "initialInstanceCount": 2, "volumeSizeInGB": 10}]
    made = deed(0, "CreateEndpointConfig", {"productionVariants": variants})
    assert pasts.config_holding(made) == CONFIGS["two"]


@pytest.mark.parametrize(("what", "before"), [("Stop", "InService"), ("Start", "Stopped"), ("Delete", "Stopped")])
def test_before_the_first_call_that_is_kept_it_was_in_the_only_state_that_takes_it(what: str, before: str) -> None:
    spans = told(deed(1, what))
    assert states(spans)[0] == (before, at(-10), Evidence.ASSUMED)
    (life,) = pasts.lives([deed(1, what)])
    older = pasts.before_first(life, at(-100), at(-10), MEDIUM)
    assert [(mark.state, mark.at) for mark in older] == [(UNSEEN, at(-100)), (before, at(-10))]


def test_a_name_that_is_used_again_is_another_life() -> None:
    found = pasts.lives([deed(0, "Create"), deed(1, "Delete"), deed(2, "Create"), deed(3, "Create"), deed(4, "Stop")])
    assert [len(life.deeds) for life in found] == [2, 1, 2]
    assert [(life.created, life.deleted) for life in found] == [(at(0), at(1)), (at(2), None), (at(3), None)]


def test_how_long_a_start_took_is_learnt_where_aws_described_its_end() -> None:
    life = Life((deed(0, "Create"), deed(2, "Stop"), deed(3, "Start")))
    seen = [described(0.1, "InService"), described(3.2, "InService")]
    assert pasts.durations(life, seen) == [("Pending", timedelta(minutes=6)), ("Pending", timedelta(minutes=12))]


NOTEBOOK_CALLS = st.sampled_from(["Start", "Stop", "Update"])


@given(st.lists(st.tuples(st.integers(1, 500), NOTEBOOK_CALLS), max_size=12, unique_by=lambda pair: pair[0]))
def test_a_life_has_no_gap_no_overlap_and_nothing_before_its_birth(calls: list[tuple[int, str]]) -> None:
    deeds = [deed(0, "Create"), *(deed(hours / 10, what) for hours, what in sorted(calls)), deed(60, "Delete")]
    spans = told(*deeds)
    assert (spans[0].start, spans[-1].end) == (at(0), at(60))
    assert [span.end for span in spans[:-1]] == [span.start for span in spans[1:]]
    assert all(span.start < (span.end or at(99)) for span in spans)
