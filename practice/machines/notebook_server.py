"""JupyterLab as a notebook instance runs it. Runs in the instance's cell, on the practice's own Python."""

import os
from typing import Any

from jupyter_server.auth.identity import IdentityProvider

from practice.machines.tickets import VARIABLE, is_good


class TicketIdentityProvider(IdentityProvider):
    """Jupyter's own sign-in, to which a presigned URL's ticket is as good as the token while it lasts."""

    def get_token(self, handler: Any) -> str | None:
        """The token that a request brings: what it says, or, for a good ticket, the server's own."""
        brought: str = super().get_token(handler) or ""
        return str(self.token) if self.token and is_good(brought, self.token) else brought


SETTINGS = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.port_retries": "0",
    "ServerApp.open_browser": "False",
    "ServerApp.allow_root": "True",
    "ServerApp.quit_button": "False",
    "ServerApp.identity_provider_class": f"{__name__}.TicketIdentityProvider",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.news_url": "None",
    "LabApp.extension_manager": "readonly",
    # an environment may be built when its kernel is first started, which takes minutes
    "MappingKernelManager.kernel_info_timeout": "1800",
}


def main(arguments: list[str]) -> None:
    """PORT ROOT_DIR: serve until terminated."""
    from jupyterlab.labapp import LabApp

    port, root = arguments
    told = {
        **SETTINGS,
        "ServerApp.port": port,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": os.environ.pop(VARIABLE),
    }
    LabApp.launch_instance([f"--{name}={value}" for name, value in told.items()])
