"""What waives money or law takes two people with the right roles, once; and every look at a person's data is kept."""

import pytest
import sqlalchemy as sa

from arrears.errors import Refusal
from arrears.store.tables import View
from arrears.web import approvals
from arrears.web.roles import deeds_of, role_name, roles, two_people, who_may
from arrears.web.sessions import Staff
from arrears.web.views import note_views, views_of
from tests.web.conftest import NOW


def staff(name, *held):
    return Staff(name, name, frozenset(held), f"session-of-{name}", "c")


COLLECTOR, SUPERVISOR, BOTH = staff("zhang", "collector"), staff("li", "supervisor"), staff("wang", "collector", "supervisor")  # fmt: skip
AUDITOR, ADMINISTRATOR = staff("zhao", "auditor"), staff("qian", "administrator")


def asked(store, who=COLLECTOR, kind="waiver"):
    with store.begin() as connection:
        return approvals.ask(connection, who, kind, "LN-000123", {"minor": 50_00}, "illness, see file 12", NOW)


def decided(store, who, number, how=approvals.agree, **more):
    with store.begin() as connection:
        return how(connection, who, number, NOW, **more)


def test_a_second_person_agrees_and_gets_what_is_to_be_done(store):
    found = decided(store, SUPERVISOR, asked(store))

    assert (found.decision, found.asked_by, found.decided_by, found.content) == ("agreed", "zhang", "li", {"minor": 50_00})  # fmt: skip


@pytest.mark.parametrize(
    ("asker", "decider", "what"),
    [
        (BOTH, BOTH, "whoever asked"),
        (COLLECTOR, staff("chen", "collector"), "not for this role to decide"),
        (COLLECTOR, AUDITOR, "not for this role to decide"),
        (COLLECTOR, ADMINISTRATOR, "not for this role to decide"),
        (COLLECTOR, staff("zhang", "supervisor"), "whoever asked"),
    ],
)
def test_nobody_agrees_to_their_own_and_no_wrong_role_does(store, asker, decider, what):
    number = asked(store, asker)

    with pytest.raises(Refusal, match=what):
        decided(store, decider, number)

    with store.read() as connection:
        assert approvals.approval(connection, number).decision is None


def test_what_waits_is_listed_before_what_was_decided_however_old_it_is(store):
    waits, last = asked(store), asked(store)
    decided(store, SUPERVISOR, last)

    with store.read() as connection:
        found = [[one.number for one in approvals.approvals(connection, open_only=False, most=most)] for most in (1, 2)]

    assert found == [[waits], [waits, last]]


def test_what_was_decided_stays_decided(store):
    number = asked(store)
    decided(store, SUPERVISOR, number, approvals.decline, why="no proof")

    for who, how in ((SUPERVISOR, approvals.agree), (COLLECTOR, approvals.withdraw)):
        with pytest.raises(Refusal, match="decided already"):
            decided(store, who, number, how)


def test_an_agreement_that_is_not_carried_out_was_not_given(store):
    number = asked(store)

    with pytest.raises(ZeroDivisionError), store.begin() as connection:
        approvals.agree(connection, SUPERVISOR, number, NOW)
        raise ZeroDivisionError

    with store.read() as connection:
        assert [one.number for one in approvals.approvals(connection)] == [number]


def test_what_is_not_to_be_asked_for_is_refused(store):
    for who, kind, why, what in (
        (AUDITOR, "waiver", "x", "not for this role"),
        (COLLECTOR, "settlement", "x", "not for this role"),
        (COLLECTOR, "parking", "x", "takes two people"),
        (COLLECTOR, "waiver", " ", "needs a reason"),
    ):
        with pytest.raises(Refusal, match=what), store.begin() as connection:
            approvals.ask(connection, who, kind, "LN-000123", {}, why, NOW)


def test_a_button_is_shown_only_where_it_works(store):
    number = asked(store, BOTH)
    with store.read() as connection:
        found = approvals.approval(connection, number)

    assert [approvals.may_decide(who, found) for who in (BOTH, COLLECTOR, SUPERVISOR, AUDITOR)] == [False, False, True, False]  # fmt: skip


def test_every_look_is_kept_and_none_can_be_changed(store):
    with store.begin() as connection:
        note_views(connection, COLLECTOR, ("LN-000123", "LN-000124", "LN-000123"), "account", NOW)

    with store.read() as connection:
        (found,) = views_of(connection, ["LN-000123"])
    assert (found.at, found.who_kind, found.who, found.page) == (NOW, "staff", "zhang", "account")
    for change in (sa.update(View).values(who="nobody"), sa.delete(View)):
        with pytest.raises(Refusal, match="only added"), store.begin() as connection:
            connection.execute(change)


def test_the_roles_file_names_only_roles_that_there_are_in_both_languages():
    assert all(role_name(role, "zh-CN") != role_name(role, "en") for role in roles())
    for two in two_people().values():
        assert (two.ask | two.agree) <= set(roles()) and two.ask and two.agree and two.name["zh"] and two.name["en"]
    assert all(set(who_may(deed)) <= set(roles()) for role in roles() for deed in deeds_of(frozenset({role})))


def test_who_keeps_the_accounts_of_staff_sees_no_borrower_and_who_audits_changes_nothing():
    assert deeds_of(frozenset({"administrator"})) == {"see_staff", "keep_staff"}
    assert all(deed.startswith("see_") for deed in deeds_of(frozenset({"auditor"})))
