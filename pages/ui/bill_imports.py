"""Importing a bill: files are looked at first, what was understood is shown, and then they are kept."""

import re
import tempfile
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import bill_exports, bill_reads, dialogs, formats, session, show, spend_scope
from pages.ui.text import escape, language, plain, t
from services.bills import imports
from services.bills.books import read_book
from services.bills.shape import tag_name
from services.bills.understanding import Check, Checked, Understood
from services.errors import InvalidRequest
from services.plans import Act

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from streamlit.runtime.uploaded_file_manager import UploadedFile

TYPES = ("parquet", "csv", "gz")
UPLOADS = "bills.uploads"
"""Session key: how many uploads were kept; another one is another widget, without the files of the last."""
LOOKED_AT = "bills.looked_at"
"""Session key: the files that were looked at, and what they are."""
SHRUNK = "ShrunkMonth"
"""Why a smaller month is refused; and the session key of the files that were."""


def draw() -> None:
    """The place to drop files, and what they would bring."""
    with st.expander(t("bills.import"), icon=":material/upload_file:", expanded=not bill_reads.list_books()):
        st.markdown(t("bills.import_help"))
        files = st.file_uploader(
            t("bills.files"),
            type=TYPES,
            accept_multiple_files=True,
            key=f"bill_files_{st.session_state.get(UPLOADS, 0)}",
        )
        if files:
            with session.shown_errors():
                _review(files)


def _review(files: "Sequence[UploadedFile]") -> None:
    understood, ids = _understood(files), [each.file_id for each in files]
    _draw_understood(understood)
    # Asked about once these very files were refused, and never of others.
    asked = st.session_state.get(SHRUNK) == ids
    may_shrink = asked and st.checkbox(t("bills.may_shrink"), key="bill_may_shrink")
    words = t("bills.keep", count=len(understood.periods))
    if st.button(words, type="primary", icon=":material/save:", key="keep_bill"):
        try:
            _keep(files, may_shrink=may_shrink)
        except InvalidRequest as error:
            if error.code != SHRUNK or asked:
                raise
            session.show_error(error)
            st.session_state[SHRUNK] = ids
            st.checkbox(t("bills.may_shrink"), key="bill_may_shrink")


def _understood(files: "Sequence[UploadedFile]") -> Understood:
    """Looked at once for each set of files."""
    ids = tuple(each.file_id for each in files)
    known = st.session_state.get(LOOKED_AT)
    if known is None or known[0] != ids:
        with st.spinner(t("bills.reading")), _on_disk(files) as paths:
            known = st.session_state[LOOKED_AT] = (ids, imports.look(paths))
    found: Understood = known[1]
    return found


def _keep(files: "Sequence[UploadedFile]", *, may_shrink: bool) -> None:
    bar = st.progress(0.0, text=t("bills.keeping"))

    def say(done: int, of: int) -> None:
        bar.progress(done / of, text=t("bills.keeping"))

    with _on_disk(files) as paths:
        book = imports.take(
            bill_reads.folder(),
            paths,
            datetime.now(UTC),
            session.actor(),
            may_shrink=may_shrink,
            progress=say,
        )
    st.session_state[UPLOADS] = st.session_state.get(UPLOADS, 0) + 1
    st.session_state.pop(LOOKED_AT, None)
    months = ", ".join(spend_scope.month_name(month.period, language()) for month in book.months)
    st.session_state[bill_exports.KEPT] = t("bills.kept", payer=book.billing_account_id, months=months)
    st.rerun()


@contextmanager
def _on_disk(files: "Sequence[UploadedFile]") -> "Iterator[list[Path]]":
    """The uploaded files under names of our own making, for as long as they are read."""
    with tempfile.TemporaryDirectory(prefix="flightdeck-bill-") as folder:
        paths = []
        for number, each in enumerate(files):
            place = Path(folder) / str(number)
            place.mkdir()
            path = place / safe_name(each.name)
            path.write_bytes(each.getbuffer())
            paths.append(path)
        yield paths


def safe_name(name: str) -> str:
    """A file's name without what could lead elsewhere, its end kept: that says what it is."""
    plain_name = re.sub(r"[^A-Za-z0-9._-]", "_", name.replace("\\", "/").rsplit("/", 1)[-1])[-80:]
    return plain_name.lstrip(".") or "file"


def _draw_understood(understood: Understood) -> None:
    first, last = understood.periods[0].period, understood.periods[-1].period
    months = spend_scope.month_name(first, language())
    if last != first:
        months = f"{months} – {spend_scope.month_name(last, language())}"
    st.markdown(
        t(
            "bills.understood",
            source=understood.export.version,
            payer=understood.billing_account_id,
            accounts=understood.sub_accounts,
            months=months,
            lines=sum(period.lines for period in understood.periods),
            money=show.money(sum(period.billed_cost for period in understood.periods)),
        )
    )
    tags = sorted({tag_name(key) for key in understood.tags})
    said = [t("bills.tags", count=len(tags), tags=", ".join(tags)) if tags else t("bills.no_tags")]
    if tags:
        said.append(t("bills.untagged", share=formats.percent(understood.untagged_share)))
    if understood.tags_left_out:
        said.append(t("bills.tags_left_out", tags=", ".join(understood.tags_left_out)))
    if understood.dropped:
        said.append(t("bills.dropped", count=understood.dropped))
    st.markdown("\n".join(f"- {each}" for each in [*said, *map(_checked, understood.checks)]))


def _checked(found: Checked) -> str:
    month = spend_scope.month_name(found.period, language())
    state = "holds" if found.holds else "fails"
    icon = ":green[:material/check_circle:]" if found.holds else ":red[:material/error:]"
    money = found.check in (Check.COMMITMENTS, Check.SAVINGS_PLANS)
    off = show.money(abs(found.off_by)) if money else f"{int(found.off_by):,}"
    return f"{icon} {t(f'bills.check_{found.check}_{state}', month=month, off=off)}"


def draw_month(key: str) -> None:
    """A month in full, and the way to take it out."""
    payer, _, period = key.partition("/")
    book = read_book(bill_reads.folder(), payer)
    month = book.month(date.fromisoformat(period))
    if month is None:
        st.info(t("bills.gone"))
        return
    st.markdown(
        t(
            "bills.month",
            source=month.source,
            lines=month.lines,
            billed=show.money(month.billed_cost),
            effective=show.money(month.effective_cost),
            until=show.exact(month.until),
        )
    )
    tags = ", ".join(book.tag_keys.get(tag, tag) for tag in month.tags)
    st.markdown(t("bills.tags", count=len(month.tags), tags=tags) if month.tags else t("bills.no_tags"))
    st.page_link(
        "pages/spend.py",
        label=t("bills.look"),
        icon=":material/payments:",
        query_params={"month": f"{month.period:%Y-%m}", "payer": payer},
    )
    if not session.may(Act.KEEP_BILL):
        return
    st.markdown(t("bills.forget_help"))
    if st.button(t("bills.forget"), key="forget_month", icon=":material/delete:"):
        imports.forget(bill_reads.folder(), payer, month.period, session.actor())
        words = plain("bills.forgotten", month=spend_scope.month_name(month.period, language()))
        st.session_state[bill_exports.KEPT] = escape(words)
        dialogs.close()
