"""The regions that a page is limited to, chosen by their cities' names; none chosen is no limit."""

from pages.ui import offer_words, urls
from pages.ui.text import plain, t
from services import catalogue


def choose() -> tuple[str, ...]:
    """Names of regions, of those that there are figures of; in the URL as `regions`."""
    return urls.choices(
        t("prices.regions"),
        [region.name for region in catalogue.regions()],
        key="regions",
        format_func=offer_words.city,
        placeholder=plain("prices.all_regions"),
        width=270,
    )
