"""An SMTP server that says what a test tells it to say, byte by byte: for the answers that no well-behaved server gives."""

import asyncio

GREETING = "220 scripted.example ESMTP"
ANSWERS = {
    "EHLO": "250-scripted.example\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES",
    "MAIL": "250 2.1.0 fine",
    "RCPT": "250 2.1.5 fine",
    "DATA": "354 go on",
    ".": "250 2.0.0 stored",
    "RSET": "250 2.0.0 fine",
    "QUIT": "221 2.0.0 bye",
}
#: Instead of an answer: the connection ends; nothing is ever said.
DROP, SILENCE = "drop", "silence"


class Scripted:
    """`answers` by verb ("." is the end of a message, "connect" the greeting), over the usual ones. Keeps what it was told.

    `once`: verbs whose special answer holds for the first time only.
    """

    def __init__(self, answers: dict[str, str] | None = None, once: bool = False) -> None:
        self.special = dict(answers or {})
        self.once = once
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connections += 1
        self._writers.append(writer)
        try:
            if not await self._say(writer, "connect", GREETING):
                return
            while line := await reader.readline():
                command = line.decode().rstrip()
                self.commands.append(command)
                verb = command.partition(" ")[0].upper()
                if not await self._say(writer, verb, ANSWERS[verb]) or verb == "QUIT":
                    return
                if verb == "DATA" and self.last.startswith("354"):
                    self.mails.append((await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n."))
                    if not await self._say(writer, ".", ANSWERS["."]):
                        return
        finally:
            writer.close()

    async def _say(self, writer, verb, usual):
        self.last = self.special.pop(verb, usual) if self.once else self.special.get(verb, usual)
        if self.last == DROP:
            writer.transport.abort()
            return False
        if self.last != SILENCE:
            writer.write(self.last.encode() + b"\r\n")
            await writer.drain()
        return True
