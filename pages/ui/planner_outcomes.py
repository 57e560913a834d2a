"""How the ways of running a spot job turn out: two charts of ranges, and the table."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import charts, exports, show
from pages.ui.charts import Limit, Range
from pages.ui.columns import Column, Kind
from pages.ui.palette import PurchaseOption
from pages.ui.tables import every
from pages.ui.text import plain, t
from services import spot_plans
from services.spot_plans import ON_DEMAND, Outcome, SpotPlan, Spread


def draw_pictures(plan: SpotPlan) -> None:
    """What each way costs, and when it is done, with the deadline as a line."""
    deadline = plan.job.deadline_hours
    stated = show.won_rate()
    worth = float(stated.krw_per_usd) if stated else 1.0
    side_by_side = st.grid(2, min_column_width=320, gap="large")
    with side_by_side.container():
        cost = charts.range_bars(
            _ranges(plan.outcomes, lambda each: each.usd, worth),
            title=plain("planner.spot_cost_title"),
            unit="KRW" if stated else "USD",
            value_text=lambda amount: show.money(amount / worth),
        )
        charts.draw(cost, key="planner_spot_cost")
    with side_by_side.container():
        finish = charts.range_bars(
            _ranges(plan.outcomes, lambda each: each.hours),
            title=plain("planner.spot_finish_title"),
            unit=plain("planner.hours_axis"),
            value_text=hours_text,
            limit=Limit(deadline, plain("planner.deadline_line", time=hours_text(deadline))),
        )
        charts.draw(finish, key="planner_spot_finish")
    st.caption(t("planner.spot_runs", count=spot_plans.RUNS))


def _ranges(outcomes: Sequence[Outcome], spread: Callable[[Outcome], Spread], worth: float = 1.0) -> list[Range]:
    found = []
    for each in outcomes:
        option = PurchaseOption.ON_DEMAND if each.way == ON_DEMAND else PurchaseOption.SPOT
        values = spread(each)
        found.append(Range(way_words(each), option, values.p5 * worth, values.p50 * worth, values.p95 * worth))
    return found


def _columns() -> tuple[Column, ...]:
    said = "planner.percentile_help"
    return (
        Column("way", "planner.way", value=way_words),
        Column("usd_p5", "planner.usd_p5", Kind.USD, said, lambda each: each.usd.p5),
        Column("usd_p50", "planner.usd_p50", Kind.USD, said, lambda each: each.usd.p50),
        Column("usd_p95", "planner.usd_p95", Kind.USD, said, lambda each: each.usd.p95),
        Column("finish_p50", "planner.finish_p50", help=said, value=lambda each: hours_text(each.hours.p50)),
        Column("finish_p95", "planner.finish_p95", help=said, value=lambda each: hours_text(each.hours.p95)),
        Column("on_time_share", "planner.on_time", Kind.SHARE, help="planner.on_time_help"),
        Column("on_time_share_unswitched", "planner.on_time_unswitched", Kind.SHARE, help="planner.unswitched_help"),
        Column("switched_share", "planner.switched", Kind.SHARE, value=_switched),
        Column("where", "planner.where", value=lambda each: ", ".join(each.where)),
    )


def _switched(each: Outcome) -> float | None:
    return None if each.way == ON_DEMAND else each.switched_share


def draw_table(plan: SpotPlan) -> None:
    """Every way with its percentiles, and as a file."""
    every(plan.outcomes, _columns(), what=plain("planner.spot_table"))
    exports.download(plan.outcomes, _columns(), key="planner_spot")


def way_words(outcome: Outcome) -> str:
    return plain(f"planner.way_{outcome.way}")


def hours_text(hours: float) -> str:
    """`48.4 h`: a deadline is in hours too."""
    return plain("planner.hours", hours=f"{hours:,.1f}".removesuffix(".0"))
