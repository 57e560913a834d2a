"""An account in this process, so that what it does is measured. `practice_account` has the process of its own."""

import json
from collections.abc import Mapping
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from practice.account import Account

REGION = "ap-northeast-2"


class Local:
    """An account in this process, and clients of its door."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.account = Account(home, 0, throttling=False)

    @property
    def world(self) -> Any:
        return self.account.world

    def client(
        self, service: str, region: str = REGION, *, keys: Mapping[str, str] | None = None, **options: Any
    ) -> Any:
        """A plain boto3 client; untyped, as services differ. Errors come back at the first try. `keys` are boto3's
        arguments for others than the account's own."""
        door = self.world.door
        make: Any = boto3.client
        return make(
            service,
            region_name=region,
            endpoint_url=door.url,
            **(keys or {"aws_access_key_id": door.access_key, "aws_secret_access_key": door.secret_key}),
            config=Config(retries={"total_max_attempts": 1}),
            **options,
        )

    def advance(self, **by: float) -> None:
        """Advance the clock by a timedelta's arguments; returns when all that fell due is done."""
        connection = HTTPConnection(self.world.door.url.removeprefix("http://"), timeout=300)
        body = json.dumps({"advance_seconds": timedelta(**by).total_seconds()})
        connection.request("POST", "/_practice/clock", body, {"X-Practice-Key": self.world.door.access_key})
        assert connection.getresponse().status == 200
        connection.close()

    def restart(self) -> None:
        """End the account and start it again on its home."""
        self.account.close()
        self.account = Account(self.home, 0, throttling=False)
