"""The planner's second view: a job on demand, on spot in one zone and over several, as ranges of cost and finish."""

from dataclasses import replace
from math import inf

import streamlit as st

from pages.ui import planner_jobs, planner_outcomes, show
from pages.ui.formats import percent
from pages.ui.layout import Figure, figures
from pages.ui.text import Safe, plain, t
from services import spot_documents, spot_jobs, spot_plans
from services.caches import Cache
from services.spot_jobs import Job
from services.spot_markets import BAND_MIDDLES, Market
from services.spot_plans import ON_DEMAND, SpotPlan
from services.spot_rates import SpotAdvice

KEPT = 64
HOURS_PER_YEAR = 8_760
FORMULA = "−ln(1 − p) / 730"


@st.cache_resource(show_spinner=False)
def _planned() -> Cache[SpotPlan]:
    """The last plans: going back to one takes no time."""
    return Cache(KEPT)


def draw() -> None:
    """All of the view."""
    top = st.container()
    job, minutes = planner_jobs.ask()
    asked = planner_jobs.ask_market(job)
    if asked is None:
        return
    key, market = asked
    spot_jobs.check(replace(job, checkpoint=None))
    if job.checkpoint is None:
        with top:
            _refuse(job, market)
        return

    def find() -> SpotPlan:
        with top, st.spinner(t("planner.simulating")):
            wanted = job if minutes else spot_plans.with_best_interval(job, market)
            return spot_plans.plan(wanted, market)

    plan = _planned().get((key, job, minutes), find)
    with top:
        st.header(_sentence(plan), anchor=False)
        figures(_figures(plan))
    planner_outcomes.draw_pictures(plan)
    planner_outcomes.draw_table(plan)
    _draw_document(plan)
    _draw_assumptions(plan, market)


def _refuse(job: Job, market: Market) -> None:
    """Without a checkpoint nothing is planned; what spot would come to is said."""
    again = spot_plans.from_zero(job, market)
    endless = again.hours > HOURS_PER_YEAR
    st.error(
        f"**{t('planner.refused')}**\n\n"
        + (
            t("planner.refused_endless")
            if endless
            else t(
                "planner.refused_cost",
                usd=show.money(again.usd),
                time=show.duration(again.hours * 3600),
                share=percent(again.interrupted_share),
            )
        ),
        icon=":material/block:",
    )
    rate = market.zones[0].on_demand.usd_per_hour * job.instances
    st.markdown(t("planner.refused_instead", usd=show.money(rate * int(job.work_hours))))


def _sentence(plan: SpotPlan) -> Safe:
    best, on_demand = plan.best, plan.outcomes[0]
    if best.way == ON_DEMAND:
        return t("planner.spot_stay", usd=show.money(on_demand.mean_usd))
    return t(
        "planner.spot_says",
        way=planner_outcomes.way_words(best),
        usd=show.money(best.usd.p50),
        on_demand=show.money(on_demand.mean_usd),
        share=percent(1 - best.mean_usd / on_demand.mean_usd),
        on_time=percent(best.on_time_share),
    )


def _figures(plan: SpotPlan) -> list[Figure]:
    best, on_demand, checkpoint = plan.best, plan.outcomes[0], plan.job.checkpoint
    assert checkpoint is not None
    return [
        Figure(
            plain("planner.spot_cost"),
            show.money(best.usd.p50),
            help=t("planner.spot_range", low=show.money(best.usd.p5), high=show.money(best.usd.p95)),
        ),
        Figure(plain("planner.spot_saving"), show.money(on_demand.mean_usd - best.mean_usd)),
        Figure(
            plain("planner.spot_finish"),
            planner_outcomes.hours_text(best.hours.p50),
            help=t(
                "planner.spot_range",
                low=planner_outcomes.hours_text(best.hours.p5),
                high=planner_outcomes.hours_text(best.hours.p95),
            ),
        ),
        Figure(
            plain("planner.spot_every"),
            show.duration(checkpoint.interval_hours * 3600),
            help=t(
                "planner.spot_every_help",
                young=_length(plan.young_hours),
                daly=_length(plan.daly_hours),
                mean=_length(plan.mean_hours),
                daly_name="Daly",
                young_name="Young",
            ),
        ),
    ]


def _length(hours: float) -> str:
    return plain("planner.never") if hours == inf else show.duration(hours * 3600)


def _draw_document(plan: SpotPlan) -> None:
    with st.expander(t("planner.spot_look"), icon=":material/terminal:"):
        st.caption(t("planner.spot_look_help"))
        st.code("\n".join(spot_documents.commands(plan)), language="bash", wrap_lines=True)
        address = spot_documents.console_address(plan)
        st.link_button(t("planner.console"), address, icon=":material/open_in_new:", type="tertiary")
    st.download_button(
        t("planner.download"),
        data=lambda: spot_documents.as_json(plan),
        file_name="flightdeck-spot-plan.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _draw_assumptions(plan: SpotPlan, market: Market) -> None:
    st.caption(f":material/info: {t('planner.spot_assumes')}")
    with st.expander(t("planner.evidence"), icon=":material/fact_check:"):
        dated = t("plans.price_source", source=market.source, day=market.as_of.isoformat())
        st.markdown(f"- {t('planner.spot_prices' if market.assumed else 'planner.spot_own_prices')} {dated}")
        on_demand = plan.on_demand
        dated = t("plans.price_source", source=on_demand.source, day=on_demand.as_of.isoformat())
        st.markdown(f"- {t('options.on_demand')}: {dated}")
        for advice in sorted({zone.advice for zone in market.zones if zone.advice}, key=lambda each: each.interruption):
            st.markdown(f"- {_hazard(advice)}")
        st.markdown(f"- {t('planner.spot_wait', hours=f'{spot_plans.DEFAULT_WAIT_HOURS:g}')}")
        st.markdown(f"- {t('planner.spot_unpriced')}")


def _hazard(advice: SpotAdvice) -> Safe:
    dated = t("plans.price_source", source=advice.source, day=advice.as_of.isoformat())
    share = percent(BAND_MIDDLES[advice.interruption], 1)
    words = t("planner.spot_hazard", band=advice.interruption, share=share, formula=FORMULA)
    return Safe(f"{words} {dated}")
