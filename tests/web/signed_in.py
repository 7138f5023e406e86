"""A browser that is signed in, without walking through the sign-in pages (which have tests of their own)."""

import json

import sqlalchemy as sa

from arrears.store.tables import StaffMember
from arrears.web import session_rows
from arrears.web.cookies import NAMES
from tests.web.conftest import NOW


def as_borrower(client, store, person_id):
    """Sign the browser in as a borrower; gives the `csrf` value of their forms."""
    return with_session(client, store, "borrower", person_id)


def as_staff(client, store, *roles, name="zhang.wei", shown_name="张伟"):
    """Sign the browser in as a member of staff with these roles, who is added; gives the `csrf` value of their forms."""
    row = {"name": name, "shown_name": shown_name, "roles": json.dumps(roles), "failures": 0, "added_at": NOW}
    with store.begin() as connection:
        connection.execute(sa.delete(StaffMember).where(StaffMember.name == name))
        connection.execute(sa.insert(StaffMember).values(**row))
    return with_session(client, store, "staff", name)


def with_session(client, store, kind, subject):
    """A session of any kind (`enrolling` shares the cookie of staff)."""
    with store.begin() as connection:
        token = session_rows.begin(connection, kind, subject, NOW)
    name = NAMES["staff" if kind == "enrolling" else kind]
    for cookie in [cookie for cookie in client.cookies.jar if cookie.name == name]:
        client.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)
    client.cookies.set(name, token)
    return session_rows.csrf_of(token)
