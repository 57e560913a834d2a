"""Where a practice account that runs on this machine can be reached, and with which key."""

import json
from pathlib import Path

from services.cloud import PRACTICE_ACCOUNT_ID, Account, AccountKind


def account_at(home: Path) -> Account:
    """The account that runs in this folder. Raises FileNotFoundError when none ever did."""
    said = json.loads((home / "practice.json").read_text())
    return Account(
        AccountKind.PRACTICE,
        PRACTICE_ACCOUNT_ID,
        alias="practice",
        endpoint_url=said["url"],
        access_key=said["access_key"],
        secret_key=said["secret_key"],
    )
