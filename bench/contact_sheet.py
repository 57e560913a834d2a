"""All pictures of a folder on one page, and that page as a picture."""

from html import escape
from pathlib import Path

from playwright.sync_api import Browser

STYLE = """
body { font: 12px sans-serif; margin: 16px; display: grid; gap: 12px; grid-template-columns: repeat(4, 3fr 1fr) }
figure { margin: 0 } figcaption { padding: 4px 0; overflow-wrap: anywhere }
img { width: 100%; height: 300px; object-fit: contain; object-position: top; border: 1px solid #bbb }
"""
"""A row a page: its two languages and themes, each wide and narrow, in the order of the files' names."""


def write(folder: Path, browser: Browser) -> Path:
    """`folder`/index.html with every PNG of the folder, and `folder`/index.png of it; returns the picture."""
    names = sorted(path.name for path in folder.glob("*.png") if path.name != "index.png")
    figures = (
        f'<figure><a href="{name}"><img src="{name}"></a><figcaption>{name}</figcaption></figure>'
        for name in map(escape, names)
    )
    sheet = folder / "index.html"
    sheet.write_text(
        f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{STYLE}</style>{"".join(figures)}'
    )
    page = browser.new_page(viewport={"width": 2000, "height": 1000})
    page.goto(sheet.resolve().as_uri())
    picture = folder / "index.png"
    page.screenshot(path=picture, full_page=True)
    page.close()
    return picture
