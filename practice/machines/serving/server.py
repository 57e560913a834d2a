"""`GET /ping` and `POST /invocations` on loopback, as a SageMaker container serves them."""

import http.client
import json
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from practice.machines.serving.handlers import Model, load_script

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
PASSED_ON = (ATTRIBUTES.lower(), "x-amzn-sagemaker-closed-session-id", "x-amzn-sagemaker-new-session-id")


class Server(ThreadingHTTPServer):
    """Serves one model; a thread for each request."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, model: Model) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.model = model


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """/ping: the model is loaded before the server listens, so it is well."""
        self._reply(200 if self.path == "/ping" else 404, b"", "text/plain")

    def do_POST(self) -> None:
        """/invocations."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != "/invocations":
            self._reply(404, b"", "text/plain")
            return
        kind = self.headers.get("Content-Type") or "application/json"
        try:
            reply = self.server.model.answer(body, kind, self.headers.get("Accept") or "", dict(self.headers))
        except Exception as error:  # noqa: BLE001 - the outermost guard: whatever the user's script raises is its reply
            traceback.print_exc()
            self._fail(error)
            return
        passed = {name: value for name, value in reply.headers.items() if name.lower() in PASSED_ON}
        self._reply(200, reply.body, reply.content_type, passed)

    def _fail(self, error: Exception) -> None:
        asked = getattr(error, "status_code", 500)
        status = asked if isinstance(asked, int) and 400 <= asked < 600 else 500
        text = json.dumps({"error": f"{type(error).__name__}: {error}"})
        self._reply(status, text.encode(), "application/json")

    def _reply(self, status: int, body: bytes, content_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status, http.client.responses.get(status, ""))
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Invocations go to the log; pings would fill it."""
        if self.path != "/ping":
            super().log_request(code, size)


def main(arguments: list[str]) -> None:
    """FRAMEWORK PORT MODEL_DIR CODE_DIR PROGRAM. Ends with an error when the model cannot be loaded."""
    framework, port, model_dir, code, program = arguments
    model = Model(framework, model_dir, load_script(Path(code), program))
    server = Server(int(port), model)
    sys.stdout.write(f"Model server listening on port {server.server_port}.\n")
    sys.stdout.flush()
    server.serve_forever()
