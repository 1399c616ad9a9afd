"""Answers Prometheus on a port of this computer alone, for as long as `scipix stats --serve` runs."""

from __future__ import annotations

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from scipix.errors import UsageError

_HERE = "127.0.0.1"
_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def serve(port: int, text: Callable[[], str], ready: Callable[[int], None]) -> None:
    """Answer GET /metrics with text() until KeyboardInterrupt, which is raised on. port 0: any free one; ready is told
    which. Raises UsageError when the port cannot be had."""
    try:
        server = make_server(port, text)
    except OSError as exc:
        raise UsageError(f"cannot listen on port {port}: {exc}") from exc
    with server:
        ready(server.server_port)
        server.serve_forever()


def make_server(port: int, text: Callable[[], str]) -> HTTPServer:
    """A server that nothing outside this computer can reach; raises OSError."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds; who sends half a request does not hold up the next one

        def do_GET(self) -> None:
            found = self.path == "/metrics"
            body = (text() if found else "try /metrics\n").encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", _TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: standard error is for messages to the user."""

    return HTTPServer((_HERE, port), Handler)
