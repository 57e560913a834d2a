"""The past from CloudTrail: 90 days at the first connection, then what came since; page by page, on disk at once."""

from datetime import datetime, timedelta

from services.cloud import Cloud
from services.errors import InvalidRequest
from services.history import History
from services.trails import read_page

AGAIN_AFTER = timedelta(minutes=5)
"""How long CloudTrail is not asked again once all was read; an event takes minutes to turn up there."""
SPENT_TOKENS = frozenset({"InvalidNextTokenException"})


def step(cloud: Cloud, history: History, now: datetime, again_after: timedelta = AGAIN_AFTER) -> bool:
    """Read one page, if one is due, and when it was the last one write the history anew. True when more is to be read
    at once. `now` is the account's time. Raises: DeckError."""
    account, region = cloud.account.key, cloud.region
    reading = history.deeds.next_reading(account, region, now, again_after)
    if reading is None:
        return False
    try:
        page = read_page(cloud, reading.name, reading.since, reading.until, reading.token)
    except InvalidRequest as error:
        if error.code not in SPENT_TOKENS or reading.token is None:
            raise
        history.deeds.start_over(account, region, reading)
        return True
    history.deeds.keep(account, region, reading, page)
    if history.deeds.next_reading(account, region, now, again_after) is not None:
        return True
    history.merge(account, region)
    return False
