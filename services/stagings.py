"""What is to be uploaded waits on this machine until the launch's worker has sent it, however the browser ends."""

import hashlib
import os
from pathlib import Path

from services.access import Actor, require
from services.plans import Act


def stage(home: Path, content: bytes, name: str, actor: Actor) -> tuple[Path, str]:
    """Keep the content under `home`: (file, its SHA-256). `name` is one of the deck's own, never a user's.

    Raises: AccessDenied, NotConnected.
    """
    require(actor, Act.LAUNCH)
    digest = hashlib.sha256(content).hexdigest()
    folder = home / "staged" / digest
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f"{name}.{os.getpid()}.draft"
        draft.write_bytes(content)
        draft.replace(path)
    return path, digest
