"""Every bar of a timeline says how it is known, in both languages."""

from datetime import timedelta

import pytest

from pages.ui import histories
from pages.ui.charts import Bar
from pages.ui.text import plain
from services.history import Interval, Resource
from services.sightings import Evidence, Holding
from tests.support.deck_rows import BORN


def one_bar(of: Interval) -> Bar:
    (drawn,) = histories.bars([of])
    return drawn


def interval(started: Evidence, ended: Evidence | None) -> Interval:
    resource = Resource("a", "r", "notebook", "lab", "arn", "kim", BORN, None)
    end = None if ended is None else BORN + timedelta(hours=1)
    return Interval(resource, "InService", BORN, end, started, ended, Holding(()))


@pytest.mark.parametrize("started", list(Evidence))
def test_a_bar_says_its_evidence(started: Evidence) -> None:
    words = plain(f"details.evidence_{started}")
    assert one_bar(interval(started, None)).note == words
    assert one_bar(interval(started, started)).note == words


def test_a_bar_whose_ends_are_known_otherwise_says_both() -> None:
    note = one_bar(interval(Evidence.ASSUMED, Evidence.CLOUDTRAIL)).note
    assert note == "begins: assumed from the states around it; ends: from CloudTrail"


def test_cloudtrail_is_surer_than_what_the_deck_saw_and_less_than_what_aws_describes() -> None:
    order = list(Evidence)
    assert order.index(Evidence.DESCRIBED) < order.index(Evidence.CLOUDTRAIL) < order.index(Evidence.GUARD)
    assert interval(Evidence.DESCRIBED, Evidence.CLOUDTRAIL).evidence is Evidence.CLOUDTRAIL
    assert plain("details.evidence_cloudtrail", spoken="ko") == "CloudTrail 기록"
