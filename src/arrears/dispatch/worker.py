"""A worker: claims, has its desk ask again and write down, hands over, lets go, waits for the answers, has them recorded.

Of one channel; any number of them run beside each other, in one process or many. What a worker was handed over it finishes: a stop lets it
take no more, wait for answers under way, record them, and release what it had not begun. When the database is away it waits: answers stay
with it until they are recorded, and nothing that was handed over is offered again.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from arrears.dispatch.answers import Answered, Tried
from arrears.dispatch.attempts import contact_id
from arrears.dispatch.channel import Answer, Channel, NotHandedOver, Record
from arrears.dispatch.compose import Composed
from arrears.dispatch.desk import Desk
from arrears.dispatch.faults import StoreAway
from arrears.dispatch.pace import Backoff, Pace
from arrears.dispatch.reasons import Why
from arrears.dispatch.unknown import LookUp
from arrears.dispatch.works import Claimed

log = logging.getLogger("arrears.dispatch.worker")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Settings:
    """Seconds throughout. `share`: this worker's part of the provider's rate, where several share it."""

    batch: int = 500
    share: float = 1.0
    idle: float = 0.5
    answer_timeout: float = 60.0
    hand_over_timeout: float = 10.0
    #: A hand-over that takes longer than this after the attempts were written is broken off: the rest was surely not handed over.
    hold_at_most: float = 20.0
    flush: float = 0.05
    #: For so long a message that was handed over may not have reached the provider yet.
    on_the_way: float = 5.0
    stop_within: float = 30.0
    trouble: Backoff = field(default_factory=lambda: Backoff(0.5, 10.0))


class Worker:
    """`draw`: a random number from [0, 1), for the jitter of waits. `name`: whose work it does, where another channel carries it."""

    def __init__(
        self, desk: Desk, channel: Channel, settings: Settings, draw: Callable[[], float], name: str | None = None
    ) -> None:
        self.desk, self.channel, self.settings, self.draw = desk, channel, settings, draw
        self.name = name or channel.name
        self.pace = Pace(channel.per_second * settings.share, channel.window, time.monotonic)
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self.looking = ThreadPoolExecutor(1, thread_name_prefix="look-up")
        self.stopping = asyncio.Event()
        self.claims = 0
        self.backlog: list[Claimed] = []
        self.alone: list[Claimed] = []
        self.leases: dict[str, int] = {}
        self.answers: list[Answered] = []
        self.told = asyncio.Event()
        self.under_way: dict[asyncio.Future[Answer], tuple[Composed, float]] = {}
        self.late: dict[asyncio.Future[Answer], Composed] = {}
        self.failures = 0
        self.broken: Exception | None = None

    def stop(self) -> None:
        """Take no more work; finish what was begun."""
        self.stopping.set()
        self.told.set()
        self.pace.freed.set()

    async def run(self, record: Record, until_empty: bool = False) -> None:
        """Work until stopped; with `until_empty`, until nothing may be claimed and no answer is awaited."""
        await self.channel.open(record)
        sides = [
            asyncio.create_task(self._watched(side()))
            for side in (self._recorder, self._patience, self._keeper, self._look_up_all)
        ]
        try:
            while not self.stopping.is_set():
                if not await self._step() and until_empty and await self._is_done():
                    break
        finally:
            await self._finish(sides)
        if self.broken is not None:
            raise self.broken

    async def _watched(self, side: Coroutine[None, None, None]) -> None:
        """What runs beside must not end unseen: with it the worker stops, and says so."""
        try:
            await side
        except Exception as error:
            log.exception("the worker of %s stops", self.name)
            self.broken = error
            self.stop()

    async def _step(self) -> bool:
        """One batch from claim to hand-over; whether there was any."""
        taken = await self._room()
        if not taken:
            return False
        works = await self._works(taken)
        composed = await self._prepared(works) if works else []
        self.pace.give_back(taken - len(composed))
        if composed:
            await self._hand_over_all(composed)
        if not works:
            await self._idle()
        return bool(works)

    async def _room(self) -> int:
        """Places in the window and in the rate; after trouble one at a time."""
        most = 1 if self.failures else self.settings.batch
        # a batch costs as much as a hundred messages: it begins with half of one, or with half the window
        at_least = max(most // 4, min(most, self.channel.window) // 2)
        room = asyncio.create_task(self.pace.room(most, at_least))
        stop = asyncio.create_task(self.stopping.wait())
        done, _ = await asyncio.wait({room, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if room not in done:
            room.cancel()
            return 0
        return room.result()

    async def _works(self, most: int) -> list[Claimed]:
        """The next batch: no two of one person, since what is sent to one counts for the other; those wait here, under their lease."""
        if self.alone:
            return [self.alone.pop()]
        if len(self.backlog) < most:
            self.claims += 1
            lease = f"{self.desk.worker}#{self.claims}"
            claimed = await self._at_desk(self.desk.claim, self.name, lease, most - len(self.backlog))
            self._lease(claimed, 1)
            self.backlog += claimed
        chosen: dict[str, Claimed] = {}
        for work in self.backlog:
            if len(chosen) < most:
                chosen.setdefault(work.person_id, work)
        taken = {work.key for work in chosen.values()}
        self.backlog = [work for work in self.backlog if work.key not in taken]
        return list(chosen.values())

    async def _prepared(self, works: list[Claimed]) -> list[Composed]:
        """The batch asked again and written down; its accounts are held. After trouble with the database, what was not begun is claimed anew."""
        try:
            composed = await self._in_thread(self.desk.prepare, works)
        except StoreAway as fault:
            self._lease(works, -1)  # whatever stands there is settled when the lease runs out
            await self._trouble(fault)
            return []
        except Exception as error:
            await self._one_by_one(works, error)
            return []
        left = {one.work.key for one in composed}
        self._lease([work for work in works if work.key not in left], -1)
        return composed

    async def _one_by_one(self, works: list[Claimed], error: Exception) -> None:
        """A batch that fails is done again one by one; what fails alone is parked, and the others go on."""
        log.warning("a batch of %d failed: %s", len(works), type(error).__name__, exc_info=error)
        if len(works) > 1:
            self.alone += works
            return
        self._lease(works, -1)
        await self._at_desk(self.desk.park, works[0], Why("poison", note=type(error).__name__))

    async def _hand_over_all(self, composed: list[Composed]) -> None:
        """Hand the batch over and let the accounts go. What takes too long is broken off."""
        until = time.monotonic() + self.settings.hold_at_most
        failed = 0
        try:
            for one in composed:
                if failed > 3 or time.monotonic() > until or not self.desk.still_holds():
                    self._note(one, Answer("later", detail="not handed over"))
                    continue
                failed += not await self._hand_over(one)
        finally:
            with suppress(StoreAway):
                await self._in_thread(self.desk.let_go)
        if failed:
            self.failures += 1
            await self._pause(self.settings.trouble.seconds(self.failures, self.draw()))
        else:
            self.failures = 0

    async def _hand_over(self, one: Composed) -> bool:
        """Whether it went; its answer is awaited beside."""
        try:
            async with asyncio.timeout(self.settings.hand_over_timeout):
                answer = await self.channel.hand_over(one.message)
        except NotHandedOver as reason:
            self._note(one, Answer("later", detail=str(reason)[:100] or "not handed over"))
            return False
        except Exception as error:  # whatever it was, nobody knows whether it left
            log.warning("attempt %s: %s at the hand-over", one.message.attempt_id, type(error).__name__)
            self._note(one, Answer("unknown", detail=type(error).__name__))
            return False
        waiting = asyncio.ensure_future(answer)
        self.under_way[waiting] = (one, time.monotonic() + self.settings.answer_timeout)
        waiting.add_done_callback(self._answer)
        return True

    def _answer(self, done: asyncio.Future[Answer]) -> None:
        """An answer came; in time it ends the waiting, later it is recorded all the same."""
        found = self.under_way.pop(done, None)
        late = self.late.pop(done, None)
        if done.cancelled() or done.exception() is not None:
            answer = Answer("unknown", detail="cancelled" if done.cancelled() else type(done.exception()).__name__)
        else:
            answer = done.result()
        if found is not None:
            self._note(found[0], answer)
        elif late is not None and answer.kind != "unknown":
            self.answers.append(self._answered(late, answer))
            self.told.set()

    def _give_up_waiting(self, now: float) -> None:
        """Attempts whose answer did not come in time are unknown; in the order of the hand-over."""
        overdue = [future for future, (_, until) in self.under_way.items() if until <= now]
        for future in overdue:
            one, _ = self.under_way.pop(future)
            self.late[future] = one
            self._note(one, Answer("unknown", detail="no answer in time"))

    def _note(self, one: Composed, answer: Answer) -> None:
        self.pace.answered()
        self.answers.append(self._answered(one, answer))
        self._lease([one.work], -1)
        if len(self.answers) == 1 or len(self.answers) >= self.settings.batch:
            self.told.set()

    def _answered(self, one: Composed, answer: Answer) -> Answered:
        work = one.work
        attempt = Tried(
            work.attempt_id, work.key, work.account_id, work.person_id, work.channel, contact_id(work.attempt_id),
            work.attempts + 1, work.not_after, work.lease_by,
        )  # fmt: skip
        return Answered(attempt, answer, self.draw())

    def _lease(self, works: Iterable[Claimed], change: int) -> None:
        """Keep count of the work under each lease, so that it is renewed as long as any is left."""
        for work in works:
            lease = work.lease_by or ""
            self.leases[lease] = self.leases.get(lease, 0) + change
            if self.leases[lease] <= 0:
                del self.leases[lease]

    async def _recorder(self) -> None:
        """Record answers as they come, many at once; when the database is away, later."""
        while True:
            await self.told.wait()
            await asyncio.sleep(self.settings.flush)
            self.told.clear()
            await self._record_all()

    async def _record_all(self) -> None:
        while self.answers:
            batch, self.answers = self.answers, []
            try:
                await self._in_thread(self.desk.record, batch)
            except StoreAway as fault:
                self.answers = batch + self.answers
                await self._trouble(fault)

    async def _patience(self) -> None:
        """Answers are not waited for without end."""
        while True:
            await asyncio.sleep(min(1.0, self.settings.answer_timeout / 4))
            self._give_up_waiting(time.monotonic())

    async def _keeper(self) -> None:
        """Keep the leases, and take up what others left."""
        while True:
            await self._at_desk(self.desk.keep, tuple(self.leases))
            await asyncio.sleep(self.desk.lease_seconds / 3)

    async def _look_up_all(self) -> None:
        """Ask the provider for attempts of unknown end."""
        while True:
            due = await self._at_desk(self.desk.look_ups, self.name, self.settings.batch)
            not_there = [found for found in due if not await self._look_up(found)]
            if not_there:
                await self._look_up_again(not_there)
            await asyncio.sleep(self.settings.idle * 4)

    async def _look_up(self, found: LookUp, believed: bool = False) -> bool:
        """Whether that settled it for now. That the provider does not have it is not believed at first."""
        try:
            async with asyncio.timeout(self.settings.answer_timeout):
                answer = await self.channel.look_up(found.sent)
        except Exception as error:
            log.warning("attempt %s cannot be looked up: %s", found.sent.attempt_id, type(error).__name__)
            return True
        if answer.kind == "later" and not believed:
            return False
        self._note_look_up(found, answer)
        return True

    async def _look_up_again(self, not_there: Sequence[LookUp]) -> None:
        """What the provider does not have it may still get: from a worker that stood still in the middle, or on its way. After that it is believed."""
        accounts = {found.attempt.account_id for found in not_there}
        try:
            await asyncio.get_running_loop().run_in_executor(self.looking, self.desk.wait_for_hand_overs, accounts)
        except StoreAway as fault:
            log.warning("%d attempts are left to the next look-up: %s", len(not_there), fault)
            return
        await asyncio.sleep(self.settings.on_the_way)
        for found in not_there:
            await self._look_up(found, believed=True)

    def _note_look_up(self, found: LookUp, answer: Answer) -> None:
        self.answers.append(Answered(found.attempt, answer, self.draw(), by_look_up=True))
        self.told.set()

    async def _is_done(self) -> bool:
        """Whether nothing is left to wait for, once nothing more could be claimed."""
        if self.backlog or self.alone or self.under_way or self.answers or self.leases:
            return False
        return not await self._at_desk(self.desk.is_left, self.name)

    async def _idle(self) -> None:
        await self._pause(self.settings.idle if not self.under_way else self.settings.flush)

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond a stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def _finish(self, sides: list[asyncio.Task[None]]) -> None:
        """Wait for answers under way, record them, release what was not begun."""
        if self.under_way:
            await asyncio.wait(list(self.under_way), timeout=self.settings.stop_within)
            self._give_up_waiting(math.inf)  # so that whoever goes on may look them up, and need not wait for the lease
        for side in sides:
            side.cancel()
        await asyncio.gather(*sides, return_exceptions=True)
        await self._record_all()
        with suppress(StoreAway):
            await self._in_thread(self.desk.give_back, [*self.backlog, *self.alone])
        await self.channel.close()
        await self._record_all()
        self.thread.shutdown()
        self.looking.shutdown(wait=False)

    async def _at_desk(self, step: Callable[..., Result], *given: object) -> Result:
        """A step of the desk; when the database is away, again until it is back."""
        while True:
            try:
                return await self._in_thread(step, *given)
            except StoreAway as fault:
                await self._trouble(fault)

    async def _in_thread(self, step: Callable[..., Result], *given: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self.thread, step, *given)

    async def _trouble(self, fault: BaseException) -> None:
        """The database is away or will not do it: wait a little, longer each time."""
        log.warning("the store: %s", fault)
        self.failures += 1
        await asyncio.sleep(self.settings.trouble.seconds(self.failures, self.draw()))
