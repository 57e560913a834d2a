"""What a bill's dimensions and their values are called on a screen."""

from pages.ui import offer_words
from pages.ui.text import plain
from services.bills import queries
from services.bills.books import Book
from services.bills.shape import COMPONENTS, PURCHASE_OPTIONS

PARTS = ("instance", "storage", "other")
KNOWN = {"component": COMPONENTS, "part": PARTS}


def dimension(book: Book, name: str) -> str:
    """`Service`, `Tag team`."""
    if queries.is_tag(name):
        return plain("spend.tag", name=book.tag_keys.get(name, name))
    return plain(f"spend.dimension_{name}")


def value(name: str, said: str) -> str:
    """What a line has there, in the reader's words; AWS's own names as they are."""
    if not said:
        return plain("spend.untagged" if queries.is_tag(name) else "spend.without")
    if name == "purchase_option" and said in PURCHASE_OPTIONS:
        return plain(f"options.{said}")
    if said in KNOWN.get(name, ()):
        return plain(f"spend.{name}_{said}")
    if name == "region_id":
        return offer_words.place(said) if offer_words.city(said) != said else said
    return said
