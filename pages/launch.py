"""Launch: choose, see dollars, quota and warnings change as you choose, then send exactly what was shown."""

from pages.ui import guard, launching, session
from pages.ui.forms import endpoint, notebook, training
from pages.ui.layout import page_header
from pages.ui.text import plain, t
from pages.ui.urls import choice

guard.require_entry()

FORMS = {"notebook": notebook.draw, "training": training.draw, "endpoint": endpoint.draw}

with page_header(t("launch.title"), t("launch.sentence")):
    kind = choice(
        plain("launch.kind"),
        tuple(FORMS),
        key="kind",
        default="notebook",
        format_func=lambda kind: plain(f"launch.kind_{kind}"),
        width=220,
    )
with session.shown_errors():
    if launching.possible():
        FORMS[kind](launching.desk())
