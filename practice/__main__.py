"""`python -m practice --port N --home DIR`: run one practice account until it is told to stop."""

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from practice.account import Account, HomeInUse


def main() -> int:
    """Prints `ready http://127.0.0.1:N` when it serves. Ends on SIGTERM, SIGINT, or its parent's end."""
    options = _options()
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(stop,), name="stdin", daemon=True).start()
    try:
        account = Account(options.home.expanduser().resolve(), options.port, throttling=options.throttling)
    except (HomeInUse, OSError) as exc:
        sys.stderr.write(f"practice: {exc}\n")
        return 1
    sys.stdout.write(f"ready {account.world.door.url}\n")
    sys.stdout.flush()
    stop.wait()
    account.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="practice", description="An AWS account that lives on this machine.")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 takes a free one")
    parser.add_argument("--home", type=Path, required=True, help="folder that holds all of the account")
    parser.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when the process that holds our stdin ends, however it ends",
    )
    parser.add_argument(
        "--no-throttling",
        dest="throttling",
        action="store_false",
        help="answer as often as asked; AWS does not",
    )
    return parser.parse_args()


def _watch_stdin(stop: threading.Event) -> None:
    # Not sys.stdin: a thread that waits in a buffered read aborts the interpreter when it ends.
    while os.read(0, 4096):
        pass
    stop.set()


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    sys.stdout.flush()
    # Not sys.exit: Python's own end cuts the threads of requests off wherever they are, and one that is inside C++ code
    # then aborts the process. All that was to be kept is on disk.
    os._exit(status)
