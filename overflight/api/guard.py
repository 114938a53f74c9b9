"""What every request and answer must keep, whatever the route: host, origin, size, headers.

A node listens on loopback, so a page of any other site in the same browser could try to reach it.
The Host check stops names that were rebound to 127.0.0.1; the Origin check stops forms and scripts of
other sites. Programs without a browser send neither Origin nor Sec-Fetch-Site and pass.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from overflight.api.problems import problem
from overflight.terms.words import say

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MEBIBYTE = 1024 * 1024
# The longest body that a route takes; the first prefix that fits decides. Parcels carry sensor output.
BODY_LIMITS = (
    ("/inbox", 256 * MEBIBYTE),
    ("/planner", 8 * MEBIBYTE),  # files of sites and regions
    ("/api/plans", 8 * MEBIBYTE),  # sites and regions come with the question
    ("/flights", 32 * MEBIBYTE),
    ("/records/import", 256 * MEBIBYTE),
    ("/images", 64 * MEBIBYTE),
    ("/", 1 * MEBIBYTE),
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # with no-referrer a form of our own would come with `Origin: null`
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class TooLarge(HTTPException):
    """The body ran past its limit while it was read; FastAPI hands this kind on and swallows others."""

    def __init__(self, limit: int):
        super().__init__(413, say("The body is longer than the {limit} bytes that this takes.", limit=limit))


class Guard:
    """ASGI middleware around the whole interface; `hosts` are the names that a request may call the node by."""

    def __init__(self, app: App, *, hosts: Collection[str]):
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        most = next((size for prefix, size in BODY_LIMITS if scope["path"].startswith(prefix)), MEBIBYTE)
        refusal = self.refusal(scope["method"], headers, most)
        if refusal:
            await _answer(send, refusal)
            return
        started, left = False, most

        async def counted() -> Message:
            message = await receive()
            nonlocal left
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge(most)
            return message

        async def with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                have = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in have),
                ]
                if b"cache-control" not in have:
                    message["headers"].append((b"cache-control", b"no-store"))
            await send(message)

        try:
            await self.app(scope, counted, with_headers)
        except TooLarge:
            if not started:
                await _answer(send, _too_large(most))

    def refusal(self, method: str, headers: dict[str, str], limit: int) -> dict[str, Any] | None:
        """Why the request may not pass, as a problem; None if it may."""
        host = headers.get("host", "")
        if host_name(host) not in self.hosts:
            return problem(
                421,
                "wrong-host",
                say("This node does not answer to the name {host!r}; name it with OVERFLIGHT_HOSTS.", host=host[:100]),
            )
        if method not in ("GET", "HEAD", "OPTIONS"):
            site = headers.get("sec-fetch-site", "none")
            origin = headers.get("origin")
            if site not in ("same-origin", "none") or (origin is not None and urlsplit(origin).netloc != host):
                return problem(403, "other-origin", say("Another site may not send this; use this node's own pages."))
        length = headers.get("content-length", "0")
        if not length.isdigit():
            return problem(400, "bad-input", say("Content-Length is no number."), field="Content-Length")
        return _too_large(limit) if int(length) > limit else None


def host_name(host: str) -> str:
    """The name in a Host header, without its port and brackets."""
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _too_large(limit: int) -> dict[str, Any]:
    return problem(413, "too-large", say("The body is longer than the {limit} bytes that this takes.", limit=limit))


async def _answer(send: Send, body: dict[str, Any]) -> None:
    data = json.dumps(body, ensure_ascii=False).encode()
    headers = {**HEADERS, "content-type": "application/problem+json", "content-length": str(len(data))}
    start = {
        "type": "http.response.start",
        "status": body["status"],
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": data})
