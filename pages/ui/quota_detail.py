"""One quota in a dialog: what is used of it, what was asked for, and a request for more."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import details, dialogs, offer_words, session, tables
from pages.ui.actions import confirm
from pages.ui.columns import Column, Kind
from pages.ui.text import escape, explain, plain, t
from services.cloud import Cloud
from services.quota_increases import Increase, plan_increases
from services.quota_uses import QuotaUse, RegionQuotas

PARAM = "quota"
"""Of the URL, while the dialog is open: region and code."""
REQUESTS = (
    Column("desired", "quotas.column_desired", Kind.NUMBER),
    Column("status", "quotas.column_status", Kind.STATE),
    Column("created", "quotas.column_asked", Kind.TIME),
    Column("updated", "quotas.column_answered", Kind.TIME),
)


def draw_quotas(known: RegionQuotas, rows: Sequence[QuotaUse]) -> None:
    """The inside of the dialog: one quota, or one of several to choose."""
    by_code = {row.code: row for row in rows}
    code = rows[0].code
    if len(rows) > 1:
        code = st.selectbox(
            t("quotas.size"),
            list(by_code),
            format_func=lambda each: _size(by_code[each]),
            key="size",
            help=explain("service_quota"),
        )
    row = by_code[code]
    st.query_params[PARAM] = f"{row.region}/{row.code}"
    _draw_quota(known, row)


def _size(row: QuotaUse) -> str:
    return f"{row.instance_type or row.name} · {row.used}/{row.limit}"


def _draw_quota(known: RegionQuotas, row: QuotaUse) -> None:
    st.markdown(f"**{t('quotas.in_use', used=row.used, limit=row.limit, city=offer_words.city(row.region))}**")
    details.draw_configuration(
        {
            plain("quotas.column_limit"): f"{row.limit:,}",
            plain("quotas.column_default"): "" if row.default is None else f"{row.default:,}",
            plain("quotas.column_used"): f"{row.used:,}",
            "Service Quotas": row.code,
        }
    )
    asked = [request for request in known.requests if request.code == row.code]
    st.markdown(f"**{t('quotas.history')}**")
    if asked:
        tables.every(asked, REQUESTS, what=plain("quotas.history"))
    else:
        st.caption(t("quotas.history_none"))
    if not row.adjustable:
        st.caption(t("quotas.fixed"))
    elif not session.read_only():
        _draw_increase(known, row)


def _draw_increase(known: RegionQuotas, row: QuotaUse) -> None:
    """How many are wanted, and of which others how many: one plan, a request for each."""
    kin = {each.code: each for each in known.rows if _kin(each, row)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = [_increase(t("quotas.increase_to"), row)]
        also = st.multiselect(
            t("quotas.also"),
            list(kin),
            format_func=lambda code: kin[code].name,
            key=f"quota_also_{row.code}",
            placeholder=plain("quotas.also_none"),
            help=t("quotas.also_help"),
        )
    wanted += [_increase(escape(kin[code].name), kin[code]) for code in also]
    confirm(Cloud(session.account(), row.region), plan_increases(wanted))


def _increase(label: str, row: QuotaUse) -> Increase:
    least = row.limit + 1
    wanted = int(
        st.number_input(label, least, 1_000_000, max(least, row.used + 1), key=f"quota_wanted_{row.code}", width=150)
    )
    return Increase(row.region, row.needing(wanted - row.used), wanted, row.service)


def _kin(each: QuotaUse, row: QuotaUse) -> bool:
    return each.adjustable and each.usage == row.usage and each.code != row.code and each.instance_type is not None


def open_quotas(known: RegionQuotas, rows: Sequence[QuotaUse], title: str = "") -> None:
    """Open the dialog from anywhere in a page, of one quota or of several of a region; the URL says of which."""
    dialogs.show(escape(title or rows[0].name), draw_quotas, known, rows, param=PARAM)
