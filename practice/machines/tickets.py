"""Tickets: short-lived texts that stand for a token that nobody but the practice and the server knows."""

import hashlib
import hmac
import time

VARIABLE = "FLIGHTDECK_NOTEBOOK_TICKETS"
"""By this the server learns its token, and takes it out of the environment before any kernel could see it."""


def new_ticket(token: str, expires_in_seconds: float) -> str:
    """A ticket that is good until then, by wall time."""
    expires = str(int(time.time() + expires_in_seconds))
    return f"{expires}-{signature(token, expires)}"


def is_good(ticket: str, token: str) -> bool:
    """Whether a ticket was made with this token and has not expired."""
    expires, _, signed = ticket.partition("-")
    good = hmac.compare_digest(signed.encode(), signature(token, expires).encode())
    return good and time.time() < int(expires)


def signature(token: str, expires: str) -> str:
    """HMAC-SHA256, in hexadecimal digits."""
    return hmac.new(token.encode(), expires.encode(), hashlib.sha256).hexdigest()
