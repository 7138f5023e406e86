"""Accounts are held against every other process, and a hold ends with the process that took it."""

import subprocess
import sys
import threading

import pytest

from arrears.errors import Refusal
from arrears.store.connect import open_store

HOLDER = """
import sys
from arrears.store.connect import open_store
store = open_store(sys.argv[1])
with store.hold_all() if sys.argv[2] == "*" else store.hold(sys.argv[2].split(",")):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def elsewhere(store_url, store):
    """Start a process that holds accounts ("*": all); it lets go when its input is closed, or when it is killed."""
    started = []

    def start(accounts):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, store_url, accounts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("there", "here"), [("A1", ["A1"]), ("A1,A2", ["A2", "A3"]), ("*", ["A9"]), ("A1", "*")])
def test_what_another_process_holds_is_waited_for(elsewhere, store, there, here):
    holder = elsewhere(there)
    asked = (lambda seconds: store.hold_all(seconds)) if here == "*" else (lambda seconds: store.hold(here, seconds))

    with pytest.raises(Refusal, match="held by another"), asked(0.2):
        pass
    holder.communicate()

    with asked(30):
        pass


def test_a_killed_process_lets_go(elsewhere, store):
    holder = elsewhere("*")

    holder.kill()

    with store.hold(["A1"], 30):
        assert holder.wait() == -9


def test_other_accounts_go_on_meanwhile_on_postgresql(postgres_url):
    with_tables, other = open_store(postgres_url, create=True), open_store(postgres_url)
    passed = threading.Event()

    def hold_another():
        with other.hold(["A3"], 30):
            passed.set()

    with with_tables.hold(["A1", "A2"]):
        threading.Thread(target=hold_another).start()
        assert passed.wait(30)

    for opened in (with_tables, other):
        opened.close()


def test_a_thread_may_hold_again_what_it_holds_and_nothing_else(store):
    with store.hold(["A1", "A2"]):
        with store.hold(["A1"]):
            pass
        with pytest.raises(RuntimeError, match="must not ask for others"), store.hold(["A3"]):
            pass
    with store.hold_all(), store.hold(["A3"]):
        pass


def test_a_hold_that_was_taken_by_one_thread_keeps_the_others_out(store):
    inside, told = threading.Event(), []

    def try_it():
        try:
            with store.hold(["A1"], 0.2):
                told.append("in")
        except Refusal:
            told.append("out")
        inside.set()

    with store.hold(["A1"]):
        threading.Thread(target=try_it).start()
        assert inside.wait(30)

    assert told == ["out"]


def test_a_hold_whose_session_the_server_ended_no_longer_lasts(postgres_url):
    from arrears.store.connect import open_store

    store = open_store(postgres_url, create=True)
    end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    said = []

    with pytest.raises(Refusal, match="lost the hold"), store.hold(["A1"]) as hold:
        said.append(hold.lasts())
        with store.begin() as connection:
            connection.exec_driver_sql(end).all()
        said.append(hold.lasts())

    assert said == [True, False]
    store.close()
