"""Fifty writers that retry until they hold a receipt, as a good client does, and remember every receipt."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.ingest.front import purchase


@dataclass
class Senders:
    """`receipts` maps the sender's own id to the event id of its receipt; `statuses` counts all answers."""

    url: str
    key: str
    count: int = 50
    receipts: dict[str, str] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    retries: int = 0
    is_stopping: bool = False

    async def run(self) -> None:
        await asyncio.gather(*(self._send(n) for n in range(self.count)))

    async def _send(self, number: int) -> None:
        turn = 0
        connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        while not self.is_stopping:
            name = f"s{number}-{turn}"
            try:
                connection = connection or await self._connect()
                status, body = await asyncio.wait_for(self._post(*connection, name), 15)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                status, body = 0, b""
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status == 202:
                self.receipts[name] = json.loads(body)["event"].removeprefix("evt_")
                turn += 1
                continue
            self.retries += 1
            if status == 0 and connection is not None:
                connection[1].close()
                connection = None
            await asyncio.sleep(0.05)
        if connection is not None:
            connection[1].close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        parts = urlsplit(self.url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> tuple[int, bytes]:
        body = json.dumps(purchase(name)).encode()
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.key}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line[:15].lower() == b"content-length:")
        return int(answer[9:12]), await reader.readexactly(length)


@contextlib.asynccontextmanager
async def sending(senders: Senders) -> AsyncIterator[Senders]:
    """Writers at work for as long as the block lasts; after it everyone holds a receipt for what they sent last or stopped."""
    task = asyncio.create_task(senders.run())
    try:
        yield senders
    finally:
        senders.is_stopping = True
        await task
