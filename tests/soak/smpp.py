"""The product's SMS channel as the soak uses it: it notes in a file of its worker what it hands over, since an SMSC knows no attempts."""

import asyncio
import hashlib
import json
import os
import random
import time
from pathlib import Path

import smpp34

from arrears.dispatch.channels.sms import Sms
from arrears.dispatch.channels.sms_settings import read_settings
from tests.soak.processes import PASSWORD, smsc_settings

#: By what part of the messages that are treated badly each fault happens to them. A message has some three parts, and each is drawn for.
FAULTS = {"errors": 0.07, "throttled": 0.07, "never": 0.03, "late": 0.07, "twice": 0.07, "dropped": 0.03}


def fault_options(misbehave):
    """The faults as the stand-in's command line takes them."""
    rates = [word for name, rate in FAULTS.items() for word in (f"--{name}", str(rate * misbehave))]
    return [*rates, "--late-seconds", "1", "--receipts"]


class NotedSms(Sms):
    """Notes before and after each hand-over. `linger`: seconds at most that it takes its time, so that kills hit a worker in the middle of one."""

    def __init__(self, port, linger, noted):
        os.environ.update(PASSWORD)
        super().__init__(read_settings(smsc_settings(port, window=100, per_second=5000.0), Path("soak.yaml")))
        self.linger = linger
        self.file = os.open(noted, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def hand_over(self, message):
        if self.linger:
            await asyncio.sleep(self.linger * random.random())
        answer = await super().hand_over(message)
        self._note("done", message.attempt_id)
        return answer

    def _submits(self, message, to):
        """The submit_sm of each part, noted before any of them leaves."""
        submits = super()._submits(message, to)
        parts = [part_of(to, smpp34.decode(submit(1)).short_message) for submit in submits]
        self._note("begins", message.attempt_id, key=message.key, account=message.account_id, parts=parts)
        return submits

    def _note(self, what, attempt, **more):
        line = {"what": what, "at": time.monotonic_ns(), "id": attempt, **more}
        os.write(self.file, json.dumps(line).encode() + b"\n")


def part_of(to, octets):
    """By what a part is known on both sides: the number and the octets, header of the part included."""
    return hashlib.sha256(to.encode() + b" " + octets).hexdigest()[:24]
