"""A plan is shown with its dollars, its quota, what speaks against it and its exact requests."""

from streamlit.testing.v1 import AppTest


def shown(refused: bool) -> None:
    from datetime import UTC, datetime
    from decimal import Decimal

    from pages.ui.plan_view import draw_plan
    from services.plans import Act, Call, Check, Effect, Plan, PricePart, Quota, Severity

    checks = (
        Check(Severity.NOTE, "price_estimated", {"instance_type": "ml.m5.large", "region": "ap-northeast-2"}),
        Check(Severity.WARNING, "no_auto_stop"),
        Check(Severity.REFUSAL, "quota_exceeded", {"name": "q", "used": 2, "limit": 2, "needs": 1}),
    )
    plan = Plan(
        Act.LAUNCH,
        "notebook",
        "lab",
        "ap-northeast-2",
        (Call("sagemaker", "create_notebook_instance", {"NotebookInstanceName": "lab"}),),
        Effect(Decimal("0.0664"), goes_on_usd_per_hour=Decimal("0.0043"), worst_case_usd=Decimal("0.53")),
        checks if refused else checks[:1],
        Quota("ml.t3.medium for notebook instance usage", "L-1", 2, 6, 1),
        (PricePart("instance", Decimal("0.062"), "2026-11-01", "AWS price list", "listed"),),
        datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    draw_plan(plan)


def unpriced() -> None:
    from pages.ui.plan_view import draw_plan
    from services.plans import Act, Plan

    draw_plan(Plan(Act.LAUNCH, "notebook", "lab", "ap-northeast-2", ()))


def screen(refused: bool = False) -> AppTest:
    run = AppTest.from_function(shown, kwargs={"refused": refused}, default_timeout=30).run()
    assert not run.exception
    return run


def test_dollars_and_quota_come_first() -> None:
    figures = {metric.label: metric.value for metric in screen().metric}
    assert figures == {
        "Per hour": r"\$0.0664/h",
        "Per day": r"\$1.59",
        "At most": r"\$0.53",
        "Quota left": "4 of 6",
    }


def test_a_price_says_its_day_and_source_on_hover() -> None:
    hover = screen().metric[0].help
    assert "AWS price list" in hover
    assert "2026-11-01" in hover


def test_what_was_found_is_said_gravest_first() -> None:
    run = screen(refused=True)
    assert [len(run.error), len(run.warning), len(run.info)] == [1, 1, 1]
    assert "2 are in use" in run.error[0].value


def test_what_still_bills_when_it_is_stopped_is_said() -> None:
    assert any("keeps billing" in text.value for text in screen().markdown)


def test_the_requests_are_python_and_shell() -> None:
    python, shell = (code.value for code in screen().code)
    assert 'boto3.client("sagemaker", region_name="ap-northeast-2").create_notebook_instance(' in python
    assert shell.startswith("aws sagemaker create-notebook-instance --region ap-northeast-2")


def test_an_unknown_price_is_never_nothing() -> None:
    figures = {metric.label: metric.value for metric in AppTest.from_function(unpriced).run().metric}
    assert figures == {"Per hour": "Unknown", "Per day": "Unknown", "At most": "No end"}
