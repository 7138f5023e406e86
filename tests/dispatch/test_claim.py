"""Leases as a state machine: whatever workers, clocks and crashes do, a piece of work has one owner and one attempt of a number."""

import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select, update

from arrears.dispatch.answers import Answered, Retry, Tried, record_answers
from arrears.dispatch.attempts import begin
from arrears.dispatch.channel import Answer, Message
from arrears.dispatch.claim import claim, reap, release, renew
from arrears.dispatch.compose import Composed
from arrears.dispatch.pace import Backoff
from arrears.notice.words import Words
from arrears.store.connect import open_store
from arrears.store.personal import open_personal
from arrears.store.tables import Attempt, Work
from tests.dispatch import debtors
from tests.examples import examples

LEASE = 60.0


def composed(work):
    words = Words("t", "zh-CN", "text", "code")
    message = Message(work.key, work.attempt_id, "sms", "+8613800000000", words, work.account_id, work.person_id)
    notice = {"code_hash": work.attempt_id, "attempt_id": work.attempt_id, "account_id": work.account_id, "person_id": work.person_id,
              "channel": "sms", "template": "t", "language": "zh-CN", "text_hash": "", "made_at": debtors.MORNING, "signature": None}  # fmt: skip
    return Composed(work, message, notice)


def answered(work, kind, draw=0.0):
    attempt = Tried(
        work.attempt_id, work.key, work.account_id, work.person_id, "sms", f"contact-{work.attempt_id}", work.attempts + 1,
        work.not_after, work.lease_by,
    )  # fmt: skip
    return Answered(attempt, Answer(kind, f"ref-{work.attempt_id}"), draw)


class Leases(RuleBasedStateMachine):
    """Workers that claim, begin, answer, stall and die, under clocks that step. `provider` holds what was handed over."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{self.folder.name}/store.db", create=True)
        self.personal = open_personal(self.store, Path(self.folder.name) / "keys")
        debtors.fill(self.store, self.personal, range(4))
        self.now = debtors.MORNING
        self.claims = 0
        self.claimed = []  # what some worker believes it has, whether it is so or not
        self.gone = []  # handed over, not answered
        self.provider = {}  # key → attempts that the provider took

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    @rule(most=st.integers(1, 3))
    def a_worker_claims(self, most):
        self.claims += 1
        with self.store.begin() as connection:
            self.claimed += claim(connection, ("sms",), f"w#{self.claims}", most, self.now, LEASE)

    @precondition(lambda self: self.claimed)
    @rule(data=st.data())
    def a_worker_begins_and_hands_over(self, data):
        work = self.claimed.pop(data.draw(st.integers(0, len(self.claimed) - 1)))
        with self.store.begin() as connection:
            leaving = begin(connection, self.personal, [composed(work)], "w", "lender", self.now, LEASE)
        if leaving:
            self.gone.append(work)

    @precondition(lambda self: self.gone)
    @rule(data=st.data(), kind=st.sampled_from(["accepted", "refused", "later", "unknown"]))
    def the_provider_answers(self, data, kind):
        work = self.gone.pop(data.draw(st.integers(0, len(self.gone) - 1)))
        if kind in ("accepted", "unknown"):
            self.provider.setdefault(work.key, set()).add(work.attempt_id)
        with self.store.begin() as connection:
            record_answers(connection, self.personal, [answered(work, kind)], self.now, Retry(9, Backoff(1.0, 1.0)))

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def a_worker_dies_after_the_hand_over(self, data):
        work = self.gone.pop(data.draw(st.integers(0, len(self.gone) - 1)))
        self.provider.setdefault(work.key, set()).add(work.attempt_id)

    @precondition(lambda self: self.claimed)
    @rule()
    def a_worker_gives_back(self):
        work = self.claimed.pop()
        with self.store.begin() as connection:
            release(connection, work.lease_by, [work.key], self.now)

    @precondition(lambda self: self.claimed)
    @rule()
    def a_worker_renews(self):
        with self.store.begin() as connection:
            renew(connection, [self.claimed[0].lease_by], self.now, LEASE)

    @rule(seconds=st.integers(-3600, 7200))
    def the_clock_steps_and_leases_are_reaped(self, seconds):
        self.now = min(
            max(self.now + timedelta(seconds=seconds), debtors.MORNING), debtors.MORNING + timedelta(hours=9)
        )
        with self.store.begin() as connection:
            reap(connection, self.now)

    @invariant()
    def nothing_was_taken_twice(self):
        assert all(len(attempts) == 1 for attempts in self.provider.values())

    @invariant()
    def what_stands_in_the_store_is_so(self):
        with self.store.read() as connection:
            rows = connection.execute(select(Work.key, Work.state, Work.lease_by, Work.attempts)).all()
            attempts = connection.execute(select(Attempt.key, Attempt.answer)).all()
        open_keys = [key for key, answer in attempts if answer is None]
        assert len(open_keys) == len(set(open_keys))
        for key, state, lease_by, count in rows:
            assert (state == "leased") == (lease_by is not None)
            assert count == sum(1 for own, _ in attempts if own == key)
            if state == "ready":
                assert key not in open_keys and key not in self.provider
            if state == "sent":
                assert key in self.provider


Leases.TestCase.settings = settings(examples(12), stateful_step_count=25)
TestLeases = Leases.TestCase


def test_two_workers_with_one_lease_begin_one_attempt(store, personal):
    debtors.fill(store, personal, range(1))
    with store.begin() as connection:
        (work,) = claim(connection, ("sms",), "w#1", 5, debtors.MORNING, LEASE)

    with store.begin() as connection:
        first = begin(connection, personal, [composed(work)], "w1", "lender", debtors.MORNING, LEASE)
    with store.begin() as connection:
        second = begin(connection, personal, [composed(work)], "w2", "lender", debtors.MORNING, LEASE)

    assert (len(first), len(second)) == (1, 0)


def test_a_lease_of_a_clock_that_was_set_back_since_is_taken_up_again(store, personal):
    debtors.fill(store, personal, range(1))
    with store.begin() as connection:
        claim(connection, ("sms",), "ahead#1", 1, debtors.MORNING + timedelta(minutes=40), LEASE)

    with store.begin() as connection:
        reap(connection, debtors.MORNING)
        again = claim(connection, ("sms",), "w#1", 1, debtors.MORNING, LEASE)

    assert len(again) == 1


@pytest.mark.parametrize(("answer", "state"), [("accepted", "sent"), ("unknown", "unknown"), (None, "unknown")])
def test_work_that_an_attempt_may_have_sent_never_leaves_again_even_if_it_was_made_ready(
    store, personal, answer, state
):
    debtors.fill(store, personal, range(1))
    with store.begin() as connection:
        (work,) = claim(connection, ("sms",), "w#1", 1, debtors.MORNING, LEASE)
        begin(connection, personal, [composed(work)], "w", "lender", debtors.MORNING, LEASE)
        if answer:
            record_answers(connection, personal, [answered(work, answer)], debtors.MORNING, Retry())
        connection.execute(update(Work).values(state="ready", lease_by=None, lease_until=None))

    with store.begin() as connection:
        (again,) = claim(connection, ("sms",), "w#2", 1, debtors.MORNING, LEASE)
        leaving = begin(connection, personal, [composed(again)], "w", "lender", debtors.MORNING, LEASE)
    with store.read() as connection:
        found = connection.execute(select(Work.state)).scalar_one()

    assert (leaving, found) == ([], state)


def test_a_lease_is_not_taken_up_past_an_attempt_that_is_being_written(store, personal):
    debtors.fill(store, personal, range(1))
    with store.begin() as connection:
        (work,) = claim(connection, ("sms",), "w#1", 1, debtors.MORNING, LEASE)
    ahead = debtors.MORNING + timedelta(minutes=5)  # a clock by which the lease is over, before and after it is written

    def take_up():
        with store.begin() as connection:
            reap(connection, ahead)

    with store.begin() as connection:
        begin(connection, personal, [composed(work)], "w", "lender", debtors.MORNING, LEASE)
        other = threading.Thread(target=take_up)
        other.start()
        other.join(0.5)
    other.join()
    with store.read() as connection:
        state = connection.execute(select(Work.state)).scalar_one()

    assert state in ("leased", "unknown")


def test_a_worker_whose_lease_ran_out_begins_nothing_and_settles_nothing(store, personal):
    debtors.fill(store, personal, range(1))
    with store.begin() as connection:
        (late,) = claim(connection, ("sms",), "w#1", 5, debtors.MORNING, LEASE)
    with store.begin() as connection:
        reap(connection, debtors.MORNING + timedelta(seconds=LEASE + 1))
        (taken_up,) = claim(connection, ("sms",), "w#2", 5, debtors.MORNING + timedelta(seconds=62), LEASE)

    with store.begin() as connection:
        assert begin(connection, personal, [composed(late)], "w1", "lender", debtors.MORNING, LEASE) == []
        assert release(connection, late.lease_by, [late.key], debtors.MORNING) == 0

    assert taken_up.key == late.key


@pytest.mark.parametrize("gap", [0, 1])
def test_two_claims_at_once_share_the_work(store, personal, gap):
    debtors.fill(store, personal, range(6))
    with store.begin() as connection:
        one = claim(connection, ("sms",), "w#1", 3, debtors.MORNING, LEASE)
        if store.dialect == "postgresql" and gap:
            with store.begin() as other:
                two = claim(other, ("sms",), "w#2", 3, debtors.MORNING, LEASE)
        else:
            two = claim(connection, ("sms",), "w#2", 3, debtors.MORNING, LEASE)

    assert len({work.key for work in one} | {work.key for work in two}) == 6
