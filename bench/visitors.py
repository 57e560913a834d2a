"""Visitors without a browser: sessions over Streamlit's own socket, so that fifty of them fit on one machine."""

import asyncio
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

EVERY_SECONDS = 2.0
MOST_BYTES = 64 * 1024**2


async def _run(socket: ClientConnection) -> float:
    """Seconds from asking for the page to be drawn anew until its script has ended and all of it has arrived."""
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    started = time.perf_counter()
    await socket.send(asked.SerializeToString())
    while True:
        said = await socket.recv()
        message = ForwardMsg.FromString(said if isinstance(said, bytes) else said.encode())
        if message.WhichOneof("type") == "script_finished":
            return time.perf_counter() - started


async def _visit(url: str, clicks: int, offset: float, arrived: asyncio.Barrier) -> list[float]:
    address = f"ws://{urlsplit(url).netloc}/_stcore/stream"
    async with connect(
        address, subprotocols=[Subprotocol("streamlit")], origin=None, max_size=MOST_BYTES, open_timeout=60
    ) as socket:
        await _run(socket)
        # Their clicks are timed when all of them have their first page; they do not click in step.
        await arrived.wait()
        await asyncio.sleep(offset)
        took = []
        for _ in range(clicks):
            took.append(await _run(socket))
            await asyncio.sleep(max(0.0, EVERY_SECONDS - took[-1]))
        return took


async def _all(url: str, visitors: int, clicks: int) -> list[list[float]]:
    arrived = asyncio.Barrier(visitors)
    offsets = (EVERY_SECONDS * number / visitors for number in range(visitors))
    return await asyncio.gather(*(_visit(url, clicks, offset, arrived) for offset in offsets))


def seconds_a_click(url: str, visitors: int, clicks: int) -> Sequence[float]:
    """Every click's seconds of `visitors` who each have the page drawn anew every two seconds, `clicks` times."""
    return [second for took in asyncio.run(_all(url, visitors, clicks)) for second in took]
