"""The stepper's own small server on loopback: the observing Party's node asks it, nobody else can reach it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from overflight.app.story.player import Player


class Control:
    """`GET /state` and `POST /step`, on a free loopback port."""

    def __init__(self) -> None:
        self.player: Player | None = None
        control = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(self.path == "/state", step=False)

            def do_POST(self) -> None:
                self._answer(self.path == "/step", step=True)

            def _answer(self, known: bool, *, step: bool) -> None:
                player = control.player
                if not known or player is None:
                    self._send(404, {"code": "not-found"})
                    return
                if step:
                    player.play_next()
                self._send(200, player.state())

            def _send(self, status: int, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: the transcript tells."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
