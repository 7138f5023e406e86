"""Staff sign in with two factors; what is guessed waits; what is secret stands nowhere in the open."""

import io
import json
import re
from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa

from arrears.cli import main
from arrears.store.tables import OneTimeCode, SignedIn, StaffMember
from arrears.web import session_rows
from arrears.web.staff_accounts import wait_after
from tests.web.conftest import NOW, serving
from tests.web.peers import installation_with

PASSWORD = "一个足够长的密码 for tests"
FIRST, SECOND, SET_UP = "/desk/sign-in", "/desk/sign-in/second", "/desk/sign-in/set-up"


class Clock:
    def __init__(self):
        self.at = NOW

    def __call__(self):
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(lender, store_url, tmp_path, monkeypatch):
    return installation_with(tmp_path, store_url, monkeypatch, 2775, 2525)


@pytest.fixture
def door(house, clock):
    with serving(house, clock) as client:
        yield client


@pytest.fixture
def staff(house, monkeypatch):
    """`arrears staff`, with a password on standard input."""

    def run(*arguments, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
        return main(["staff", *arguments, "--config", str(house.path)])

    assert run("add", "zhang.wei", "--shown-name", "张伟", "--role", "collector") == 0
    return run


def csrf(door):
    return session_rows.csrf_of(door.cookies["arrears-desk"])


def typed(door, name="zhang.wei", password=PASSWORD):
    return door.post(FIRST, data={"name": name, "password": password})


def set_up(door, clock):
    """Through the first sign-in; gives the TOTP and the recovery codes."""
    typed(door)
    page = door.get(SET_UP).text
    totp = pyotp.TOTP(re.search(r"<code>([A-Z2-7]{32})</code>", page).group(1))
    shown = door.post(SET_UP, data={"code": totp.at(clock.at), "csrf": csrf(door)})
    return totp, re.findall(r"<code>([a-z2-7-]{27})</code>", shown.text)


def second(door, code):
    return door.post(SECOND, data={"code": code, "csrf": csrf(door)})


def sessions(lender, kind="staff"):
    with lender.read() as connection:
        wanted = sa.select(SignedIn.subject).where(SignedIn.kind == kind, SignedIn.ended_at.is_(None))
        return list(connection.execute(wanted).scalars())


def test_the_first_sign_in_sets_up_the_second_factor_and_the_next_one_needs_it(door, staff, clock, lender):
    totp, codes = set_up(door, clock)
    door.cookies.clear()
    clock.at += timedelta(minutes=5)

    first = typed(door)
    in_between = door.get("/desk/password")
    last = second(door, totp.at(clock.at))

    assert len(codes) == len(set(codes)) == 10
    assert first.headers["location"].startswith(SECOND)
    assert in_between.status_code == 303 and in_between.headers["location"] == FIRST
    assert (last.status_code, last.headers["location"]) == (303, "/desk?lang=zh-CN")
    assert sessions(lender) == ["zhang.wei"] * 2 and sessions(lender, "enrolling") == []


def test_the_picture_is_the_qr_code_of_the_secret_without_script_or_style(door, staff):
    typed(door)

    page = door.get(SET_UP)

    secret = re.search(r"<code>([A-Z2-7]{32})</code>", page.text).group(1)
    address = f"otpauth://totp/Example%20Bank:zhang.wei?secret={secret}&issuer=Example%20Bank"
    assert read_picture(re.search(r"<svg.*?</svg>", page.text, re.S).group()) == address
    assert "style=" not in page.text and "<script" not in page.text


def read_picture(svg):
    """What a reader of another codebase finds in the picture: its path drawn square by square."""
    import numpy as np
    import zxingcpp

    side = (
        int(re.search(r'viewBox="0 0 (\d+)', svg).group(1))
        if "viewBox" in svg
        else int(re.search(r'width="(\d+)"', svg).group(1)) // 5
    )
    dark = re.search(r'class="qrline" stroke="#000" d="([^"]*)"', svg).group(1)
    field, x, y = np.full((side, side), 255, np.uint8), 0, 0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", dark):
        values = [float(value) for value in numbers.split()]
        if command == "h":
            field[y, x : x + int(values[0])] = 0
            x += int(values[0])
        else:
            x = int(values[0]) if command == "M" else x + int(values[0])
            y = (
                int(values[1])
                if command == "M"
                else y + int(np.floor(values[1] + 0.5))
                if values[1] % 1 == 0
                else int(y + values[1])
            )
    (found,) = zxingcpp.read_barcodes(np.kron(field, np.ones((8, 8), np.uint8)))
    return found.text


@pytest.mark.parametrize(
    ("name", "password"),
    [("zhang.wei", "wrong"), ("nobody", PASSWORD), ("zhang.wei", ""), ("", ""), ("zhang.wei", PASSWORD.upper())],
)
def test_whatever_is_wrong_the_answer_is_the_same(door, staff, lender, name, password):
    answer = typed(door, name, password)

    assert answer.status_code == 422 and "用户名或密码不正确，或该账号暂时不能登录" in answer.text
    assert "set-cookie" not in answer.headers and sessions(lender, "enrolling") == []


def test_a_code_of_the_app_is_good_once_and_for_its_time(door, staff, clock):
    totp, _ = set_up(door, clock)
    used = totp.at(clock.at)
    door.cookies.clear()
    typed(door)

    again = second(door, used)
    clock.at += timedelta(minutes=5)
    old, now = second(door, totp.at(clock.at - timedelta(minutes=2))), second(door, totp.at(clock.at))

    assert [answer.status_code for answer in (again, old, now)] == [422, 422, 303]


def test_a_recovery_code_is_good_once(door, staff, clock):
    _, (code, *_) = set_up(door, clock)
    answers = []
    for _ in range(2):
        door.cookies.clear()
        typed(door)
        answers.append(second(door, f" {code.upper()} ").status_code)

    assert answers == [303, 422]


def test_after_five_failures_even_the_right_password_waits_and_then_is_taken(door, staff, clock, lender):
    for _ in range(6):
        typed(door, password="wrong")

    waits = typed(door)
    clock.at += timedelta(seconds=31)
    later = typed(door)

    assert (waits.status_code, later.status_code) == (422, 303)


def test_the_wait_grows_up_to_a_quarter_of_an_hour():
    waits = [wait_after(failures).total_seconds() for failures in range(1, 15)]

    assert waits == [0] * 5 + [30, 60, 120, 240, 480, 900, 900, 900, 900]


def test_the_second_factor_is_not_guessed_either(door, staff, clock):
    totp, _ = set_up(door, clock)
    door.cookies.clear()
    clock.at += timedelta(minutes=5)
    typed(door)
    for _ in range(6):
        second(door, "000000")

    assert second(door, totp.at(clock.at)).status_code == 422


def test_no_secret_stands_in_the_open(door, staff, clock, lender):
    totp, codes = set_up(door, clock)

    with lender.read() as connection:
        rows = [str(connection.execute(sa.select(*table.__table__.columns)).all()) for table in (StaffMember, OneTimeCode, SignedIn)]  # fmt: skip

    for secret in (PASSWORD, totp.secret, codes[0], codes[0].replace("-", ""), door.cookies["arrears-desk"]):
        assert all(secret not in row for row in rows)
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in rows[0]


def test_a_reset_ends_the_sessions_and_sets_the_second_factor_up_anew(door, staff, clock, lender):
    set_up(door, clock)

    assert staff("reset", "zhang.wei", password="another sentence to remember") == 0

    assert sessions(lender) == [] and door.get("/desk/password").status_code == 303
    door.cookies.clear()
    assert typed(door).status_code == 422
    assert typed(door, password="another sentence to remember").headers["location"].startswith(SET_UP)


def test_a_disabled_member_is_out_at_once_and_stays_out(door, staff, clock, lender):
    set_up(door, clock)

    assert staff("disable", "zhang.wei") == 0

    assert door.get("/desk/password").headers["location"] == FIRST
    assert typed(door).status_code == 422 and sessions(lender) == []


def test_ones_own_password_is_changed_with_the_present_one_and_other_sessions_end(door, staff, clock, lender):
    from arrears.web.session_rows import begin, find

    set_up(door, clock)
    with lender.begin() as connection:
        other = begin(connection, "staff", "zhang.wei", NOW)

    def change(old, new):
        return door.post("/desk/password", data={"old": old, "new": new, "csrf": csrf(door)}).status_code

    assert [change("wrong", "a new sentence for tests"), change(PASSWORD, "short"), change(PASSWORD, "zhang.wei-zhang.wei")] == [422] * 3  # fmt: skip
    assert find(lender, "staff", other, NOW) is not None
    assert change(PASSWORD, "a new sentence for tests") == 200
    assert find(lender, "staff", other, NOW) is None and door.get("/desk/password").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "password", "what"),
    [
        (("add", "Li Na", "--role", "collector"), PASSWORD, "must be 2 to 64"),
        (("add", "li.na", "--role", "king"), PASSWORD, "must be of collector, field"),
        (("add", "li.na"), PASSWORD, "must be of collector, field"),
        (("add", "li.na", "--role", "field"), "short", "too short"),
        (("add", "li.na", "--role", "field"), "aaaaaaaaaaaaaaaa", "too easy to guess"),
        (("add", "li.na", "--role", "field"), "abcdefghijklmnop", "too easy to guess"),
        (("add", "zhang.wei", "--role", "field"), PASSWORD, "is there already"),
        (("reset", "nobody"), PASSWORD, "is not there"),
        (("disable", "nobody"), PASSWORD, "is not there"),
    ],
)
def test_an_account_that_is_unfit_is_refused(staff, capsys, arguments, password, what):
    assert staff(*arguments, password=password) == 2
    assert what in capsys.readouterr().err


def test_the_list_says_who_signs_in_how(staff, capsys):
    capsys.readouterr()
    staff("list", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "name": "zhang.wei", "shown_name": "张伟", "roles": ["collector"], "signs_in_by": "password", "disabled_at": None,
    }  # fmt: skip


def test_a_form_without_its_value_changes_nothing(door, staff, clock, lender):
    set_up(door, clock)

    for data in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = door.post("/desk/sign-out?lang=en", data=data)
        assert answer.status_code == 403 and "Nothing was changed" in answer.text
    assert sessions(lender) == ["zhang.wei"]
    assert door.post("/desk/sign-out", data={"csrf": csrf(door)}).status_code == 303
    assert sessions(lender) == []


def test_ones_own_open_sessions_are_listed_and_each_or_all_others_can_be_ended(door, staff, clock, lender):
    from arrears.web.session_rows import begin, find, hash_of

    set_up(door, clock)
    with lender.begin() as connection:
        one, another, last = (begin(connection, "staff", "zhang.wei", NOW) for _ in range(3))
        of_another = begin(connection, "staff", "li.na", NOW)

    def end(**data):
        return door.post("/desk/sessions", data={"csrf": csrf(door), **data}).headers["location"]

    def is_open(*tokens):
        return [find(lender, "staff", token, NOW) is not None for token in tokens]

    page = door.get("/desk/sessions?lang=en").text
    assert page.count("End this sign-in") == 6 and "This one" in page  # each button and its label
    assert (
        all(token not in page for token in (one, another, door.cookies["arrears-desk"]))
        and hash_of(of_another) not in page
    )
    assert end(session=hash_of(one)).endswith("ended=1") and is_open(one, another, last) == [False, True, True]
    assert end(session=hash_of(of_another)).endswith("ended=0") and is_open(of_another) == [True]
    assert end().endswith("ended=2") and is_open(another, last, of_another) == [False, False, True]
    assert door.get("/desk/sessions?lang=en").status_code == 200


def test_every_page_of_the_desk_shows_who_is_signed_in_and_the_way_out(door, staff, clock):
    set_up(door, clock)

    page = door.get("/desk?lang=en").text

    assert 'action="/desk/sign-out?lang=en"' in page and 'href="/desk/sessions?lang=en"' in page and "张伟" in page
