"""Personal data: sealed under one key a person, found by number without numbers in the open, gone when the key is."""

import base64
import threading

import pytest
import sqlalchemy as sa

from arrears.errors import Refusal
from arrears.store.masters import Masters, make_first, make_next
from arrears.store.personal import Personal, open_personal
from arrears.store.reach import Reachable, normal_email, normal_phone, note_reach, who_has
from arrears.store.rotation import destroy_old, rotate
from arrears.store.tables import PersonKey, Reach

NAME = {"name": "李雷", "phones": ["+8613800000000"], "addresses": [{"text": "上海市", "lat": 31.2, "lon": None}]}


def test_what_is_sealed_is_what_is_unsealed_and_nothing_of_it_is_in_the_open(store, personal):
    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", NAME)
        again = personal.seal(connection, "people", "P1", NAME)

    with store.read() as connection:
        assert personal.unseal(connection, "people", "P1", sealed) == NAME
    assert b"138" not in sealed and "李雷".encode() not in sealed
    assert sealed != again


def test_many_rows_are_sealed_at_once_each_under_the_key_of_its_person(store, personal):
    people = [f"P{number % 7}" for number in range(50)]
    contents = [None if number % 5 == 0 else {"number": f"+86{number}"} for number in range(50)]

    with store.begin() as connection:
        sealed = personal.seal_many(connection, "events", people, contents)
        found = personal.unseal_many(connection, "events", people, sealed)
        keys = connection.execute(sa.select(sa.func.count()).select_from(PersonKey)).scalar_one()

    assert found == [content or {} for content in contents]
    assert [blob is None for blob in sealed] == [content is None for content in contents]
    assert keys == 7


def flipped(sealed):
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


@pytest.mark.parametrize(("table", "person", "change"), [
    ("people", "P1", flipped), ("people", "P2", bytes), ("events", "P1", bytes), ("people", "P1", lambda sealed: b"\x02" + sealed[1:]),
    ("people", "P1", lambda sealed: sealed[:9]), ("people", "P1", lambda sealed: b""),
])  # fmt: skip
def test_what_was_altered_or_moved_to_another_row_does_not_open(store, personal, table, person, change):
    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", NAME)
        personal.seal(connection, "people", "P2", NAME)

    with pytest.raises(Refusal, match="does not open"), store.read() as connection:
        personal.unseal(connection, table, person, change(sealed))


def test_a_key_whose_transaction_was_rolled_back_is_never_used(store, personal):
    with pytest.raises(ZeroDivisionError), store.begin() as connection:
        personal.seal(connection, "people", "P1", NAME)
        raise ZeroDivisionError

    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", NAME)

    with store.read() as connection:
        assert personal.unseal(connection, "people", "P1", sealed) == NAME


def test_two_processes_that_make_the_key_of_one_person_at_once_agree_on_it(store, personal, keys_folder):
    start = threading.Barrier(4)
    sealed = []

    def work():
        own = Personal(Masters(keys_folder))
        start.wait()
        with store.begin() as connection:
            sealed.extend(own.seal_many(connection, "people", ["P1", "P2"], [NAME, NAME]))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as connection:
        assert personal.unseal_many(connection, "people", ["P1", "P2"] * 4, sealed) == [NAME] * 8


def test_sealed_data_without_its_key_is_refused_and_not_shown_as_erased(store, personal):
    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", NAME)
        connection.execute(sa.delete(PersonKey))

    with pytest.raises(Refusal, match="no key"), store.read() as connection:
        personal.unseal(connection, "people", "P1", sealed)


# --- reach --------------------------------------------------------------------------------------------------------

NUMBERS = [
    ("+86 138-0000 0000", None, "+8613800000000"),
    ("＋８６１３８００００００００", None, "+8613800000000"),
    ("13800000000", "cn", "+8613800000000"),
    ("8613800000000", "cn", "+8613800000000"),
    ("008613800000000", "cn", "+8613800000000"),
    ("(010) 6277-1234", "cn", "+861062771234"),
    ("010-62771234 转 801", "cn", "+861062771234"),
    ("0044 20 7946 0018", "cn", "+442079460018"),
    ("13800000000", None, "13800000000"),
    ("95588", "cn", "95588"),
    ("(202) 555-0143", "us", "+12025550143"),
    ("1 202 555 0143", "us", "+12025550143"),
    ("011 44 20 7946 0018", "us", "+442079460018"),
    ("07700 900123", "uk", "+447700900123"),
    ("447700900123", "uk", "+447700900123"),
    ("9198765432", "in", "+919198765432"),
    ("919876543210", "in", "+919876543210"),
    ("0412 345 678", "au", "+61412345678"),
    ("tel:+61412345678", "au", "+61412345678"),
    ("no number", "cn", None),
    ("12", "cn", None),
    ("", None, None),
    ("1" * 40, None, None),
]


@pytest.mark.parametrize(("written", "country", "expected"), NUMBERS)
def test_a_number_is_one_number_however_it_is_written(written, country, expected):
    assert normal_phone(written, country) == expected


@pytest.mark.parametrize(("written", "expected"), [
    (" Li.Lei@Example.COM ", "li.lei@example.com"), ("a@b.cn.", "a@b.cn"), ("a@b@c.cn", "a@b@c.cn"), ("nobody", None), ("@b.cn", None),
])  # fmt: skip
def test_a_mailbox_is_one_mailbox_however_it_is_written(written, expected):
    assert normal_email(written) == expected


def test_an_inbound_number_finds_its_people_and_no_number_stands_in_the_database(store, personal):
    people = [
        Reachable("A1", "P1", "cn", ["13800000000"], ["Li@example.cn"]),
        Reachable("A2", "P1", "cn", ["138 0000 0000"], []),
        Reachable("A2", "P2", "cn", ["+86 138 0000 0000", "13900000000"], []),
    ]

    with store.begin() as connection:
        note_reach(connection, personal, people)
        note_reach(connection, personal, people)

    with store.read() as connection:
        assert who_has(connection, personal, "phone", "+8613800000000") == [("A1", "P1"), ("A2", "P1"), ("A2", "P2")]
        assert who_has(connection, personal, "phone", "13900000000", "cn") == [("A2", "P2")]
        assert who_has(connection, personal, "email", "li@EXAMPLE.cn") == [("A1", "P1")]
        assert who_has(connection, personal, "phone", "who?") == []
        tokens = connection.execute(sa.select(Reach.token)).scalars().all()
    assert all("138" not in token or len(token) == 64 for token in tokens) and len(tokens) == 5


def test_without_the_token_key_a_number_cannot_be_tried_out(store, personal, tmp_path):
    other = Masters(tmp_path / "other")
    make_first(other)

    assert Personal(other).token("phone", "+8613800000000") != personal.token("phone", "+8613800000000")
    assert personal.token("phone", "+8613800000000") != personal.token("email", "+8613800000000@")


# --- master keys --------------------------------------------------------------------------------------------------


def test_the_first_keys_are_made_for_the_owner_alone(store, personal, keys_folder):
    files = sorted((keys_folder / "data").iterdir())

    assert [file.name for file in files] == ["master-0001.key", "token.key"]
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files)
    assert keys_folder.joinpath("data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
@pytest.mark.parametrize("name", ["master-0001.key", "token.key"])
def test_a_key_that_others_can_read_is_refused(store, personal, keys_folder, mode, name):
    (keys_folder / "data" / name).chmod(mode)

    with pytest.raises(Refusal, match="can be read by others") as refusal:
        masters = Masters(keys_folder)
        masters.current(), masters.token_key

    assert refusal.value.exit_code == 2


@pytest.mark.parametrize("content", ["", "short", base64.b64encode(b"x" * 31).decode(), "ü" * 44])
def test_a_file_that_is_no_key_is_refused_without_showing_what_is_in_it(store, personal, keys_folder, content):
    (keys_folder / "data" / "master-0001.key").write_text(content)

    with pytest.raises(Refusal) as refusal:
        Masters(keys_folder).current()

    assert not content or content not in str(refusal.value)


def test_a_store_with_keys_is_not_given_new_ones_when_the_folder_is_lost(store, personal, tmp_path):
    with store.begin() as connection:
        personal.seal(connection, "people", "P1", NAME)

    with pytest.raises(Refusal, match="does not hold master key"):
        open_personal(store, tmp_path / "elsewhere")

    assert not (tmp_path / "elsewhere").exists()


def test_keys_may_come_from_the_environment_and_then_the_folder_is_not_read(
    store, personal, keys_folder, tmp_path, monkeypatch
):
    with store.begin() as connection:
        sealed = personal.seal(connection, "people", "P1", NAME)
    monkeypatch.setenv("ARREARS_MASTER_KEYS", (keys_folder / "data/master-0001.key").read_text().strip())
    monkeypatch.setenv("ARREARS_TOKEN_KEY", (keys_folder / "data/token.key").read_text().strip())

    other = open_personal(store, tmp_path / "nowhere")

    with store.read() as connection:
        assert other.unseal(connection, "people", "P1", sealed) == NAME
    assert other.token("phone", "95588") == personal.token("phone", "95588")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(Refusal, match="cannot be written by a command"):
        make_next(other.masters)


# --- rotation -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sealed(store, personal):
    """Three persons' data; one of them erased."""
    with store.begin() as connection:
        blobs = personal.seal_many(connection, "people", ["P1", "P2", "P3"], [NAME] * 3)
        connection.execute(sa.update(PersonKey).where(PersonKey.person_id == "P2").values(wrapped=None))
    return blobs


def test_after_a_rotation_everything_opens_without_the_old_key_and_the_erased_stay_erased(
    store, personal, keys_folder, sealed
):
    done = rotate(store, Masters(keys_folder))
    destroyed = destroy_old(store, Masters(keys_folder))

    assert (done.rewrapped, done.taken_up, destroyed) == (2, False, ["master-0001.key"])
    assert [file.name for file in sorted((keys_folder / "data").iterdir())] == ["master-0002.key", "token.key"]
    with store.read() as connection:  # by a process that runs on through the rotation, and by a new one
        for reader in (personal, open_personal(store, keys_folder)):
            assert reader.unseal_many(connection, "people", ["P1", "P2", "P3"], sealed) == [NAME, None, NAME]


def test_a_running_process_makes_new_keys_under_the_new_master(store, personal, keys_folder, sealed):
    done = rotate(store, Masters(keys_folder))

    with store.begin() as connection:
        personal.seal(connection, "people", "P4", NAME)
        master = connection.execute(sa.select(PersonKey.master).where(PersonKey.person_id == "P4")).scalar_one()

    assert master == done.master


def test_a_rotation_that_was_broken_off_is_taken_up_and_no_further_key_is_made(
    store, personal, keys_folder, sealed, monkeypatch
):
    newer = make_next(Masters(keys_folder))
    monkeypatch.setattr("arrears.store.rotation.BATCH", 1)

    done = rotate(store, Masters(keys_folder))

    assert (done.master, done.rewrapped, done.taken_up) == (newer.id, 2, True)


def test_an_old_key_that_is_still_needed_is_not_destroyed(store, personal, keys_folder, sealed):
    make_next(Masters(keys_folder))

    with pytest.raises(Refusal, match="still wrap"):
        destroy_old(store, Masters(keys_folder))

    assert (keys_folder / "data/master-0001.key").exists()


def test_keys_from_the_environment_rotate_to_the_last_one_there(store, personal, keys_folder, sealed, monkeypatch):
    old = (keys_folder / "data/master-0001.key").read_text().strip()
    new = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("ARREARS_TOKEN_KEY", new)
    monkeypatch.setenv("ARREARS_MASTER_KEYS", f"{old},{new}")

    done = rotate(store, Masters(keys_folder))
    monkeypatch.setenv("ARREARS_MASTER_KEYS", new)

    assert done.rewrapped == 2
    with store.read() as connection:
        assert open_personal(store, keys_folder).unseal(connection, "people", "P1", sealed[0]) == NAME
