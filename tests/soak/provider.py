"""A message provider of the tests: a TCP server that stores every message it takes on disk before it answers.

One JSON object a line. `{"op": "submit", "id", "key", "to", "text", "sent_at"}` is answered by `{"id", "answer", "ref"}`; `{"op":
"look_up", "id"}` by what it has. For one message in ten it misbehaves, by the hash of its id: answers late, never, twice, or with an error
(`later` or `refused`, and then it has not taken the message). Run as a program it serves until killed: `provider.py FILE PORTFILE MISBEHAVE`.
"""

import asyncio
import hashlib
import json
import os
import sys
import time
from pathlib import Path

FAULTS = ("late", "never", "twice", "later", "refused")


class Provider:
    """`file`: where messages are kept. `misbehave`: the part of messages, 0 to 1."""

    def __init__(self, file, misbehave=0.0, answer_after=0.0):
        self.file, self.misbehave, self.answer_after = Path(file), misbehave, answer_after
        self.kept = {}
        self.server = None
        self.links = set()
        self.refuse_links = False
        self.silent = False
        self.unsaved = []
        self.saving = None
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                message = json.loads(line)
                self.kept[message["id"]] = message

    async def start(self, port=0):
        self.out = self.file.open("ab")
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=1 << 20)
        return self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        for link in list(self.links):
            link.close()
        self.out.close()

    async def push(self, returned):
        """Hand something in to every client: a receipt or an inbound message."""
        for link in list(self.links):
            link.write(json.dumps({"returned": returned}).encode() + b"\n")
            await link.drain()

    def messages(self):
        return list(self.kept.values())

    async def _serve(self, reader, link):
        if self.refuse_links:
            link.close()
            return
        self.links.add(link)
        try:
            while line := await reader.readline():
                asked = json.loads(line)
                if asked["op"] == "submit":
                    self._submit(asked, link)
                else:
                    self._look_up(asked, link)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.links.discard(link)
            link.close()

    def fault(self, attempt_id):
        """How it misbehaves with a message, if it does."""
        draw = int.from_bytes(hashlib.sha256(attempt_id.encode()).digest()[:8], "big")
        return FAULTS[draw // 1000 % len(FAULTS)] if draw % 1000 < self.misbehave * 1000 else None

    def _submit(self, asked, link):
        fault = self.fault(asked["id"])
        if fault in ("later", "refused"):
            self._tell(link, {"id": asked["id"], "answer": fault})
            return
        self.unsaved.append((asked, link, fault))
        if self.saving is None:
            self.saving = asyncio.get_running_loop().call_soon(self._save)

    def _save(self):
        """All that came in since, on the disk at once, then answered."""
        self.saving = None
        batch, self.unsaved = self.unsaved, []
        lines = []
        for asked, _, _ in batch:
            lines.append(json.dumps({**asked, "received_at": time.monotonic_ns(), "ref": ref_of(asked["id"])}))
            self.kept[asked["id"]] = json.loads(lines[-1])
        self.out.write(("\n".join(lines) + "\n").encode())
        self.out.flush()
        os.fdatasync(self.out.fileno())
        loop = asyncio.get_running_loop()
        for asked, link, fault in batch:
            answer = {"id": asked["id"], "answer": "accepted", "ref": ref_of(asked["id"])}
            if fault == "never" or self.silent:
                continue
            wait = self.answer_after + (1.0 if fault == "late" else 0.0)
            for _ in range(2 if fault == "twice" else 1):
                if wait:
                    loop.call_later(wait, self._tell, link, answer)
                else:
                    self._tell(link, answer)

    def _look_up(self, asked, link):
        known = self.kept.get(asked["id"])
        answer = {"answer": "accepted", "ref": known["ref"]} if known else {"answer": "later"}
        self._tell(link, {"id": asked["id"], "looked_up": True, **answer})

    def _tell(self, link, answer):
        if not link.is_closing():
            link.write(json.dumps(answer).encode() + b"\n")


def ref_of(attempt_id):
    """The provider's id: hexadecimal with a leading zero."""
    return "0" + hashlib.sha256(b"ref" + attempt_id.encode()).hexdigest()[:11]


async def serve(file, port_file, misbehave):
    provider = Provider(file, misbehave)
    port = await provider.start()
    Path(port_file + ".new").write_text(str(port))
    Path(port_file + ".new").replace(port_file)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], float(sys.argv[3])))
