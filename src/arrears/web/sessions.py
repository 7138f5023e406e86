"""Who is asking: dependencies of every page behind a sign-in.

    @router.get("/account/…")
    def page(request: Request, who: Annotated[Borrower, Depends(borrower)]) -> Response: ...

    @router.get("/desk/…")
    def page(request: Request, who: Annotated[Staff, Depends(staff(*who_may("see_accounts")))]) -> Response: ...

What a borrower may see is read from the facts on every request, so a change of it holds at once; so are a member's roles.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import HTTPException, Request
from sqlalchemy import Connection, select

from arrears.store.tables import Account, Person, PersonKey, StaffMember
from arrears.web import session_rows
from arrears.web.cookies import cookie_of
from arrears.web.roles import roles as all_roles
from arrears.web.served import Served, served_by
from arrears.web.words import LANGUAGES

SIGN_IN = {"borrower": "/account/sign-in", "staff": "/desk/sign-in", "enrolling": "/desk/sign-in"}


@dataclass(frozen=True)
class Borrower:
    """A borrower who is signed in: the accounts they borrowed, their language (zh-CN or en), and the `csrf` value of their forms."""

    person_id: str
    account_ids: tuple[str, ...]
    language: str
    session_id: str
    csrf: str
    kind: Literal["borrower"] = "borrower"

    @property
    def name(self) -> str:
        """Who they are in an audit."""
        return self.person_id


@dataclass(frozen=True)
class Staff:
    """A member of staff who is signed in with both factors (or by the provider)."""

    name: str
    shown_name: str
    roles: frozenset[str]
    session_id: str
    csrf: str
    kind: Literal["staff"] = "staff"


def borrower(request: Request) -> Borrower:
    """The borrower of a request. Not signed in: to the sign-in page, or 401 from the API."""
    served = served_by(request)
    token, session = _session(request, served, "borrower")
    with served.store.read() as connection:
        found = accounts_of_person(connection, session.subject)
    if found is None:
        raise not_signed_in(request, "borrower")
    account_ids, language = found
    return Borrower(session.subject, account_ids, language, session.id, session_rows.csrf_of(token))


def staff(*roles: str, by_person: bool = True) -> Callable[[Request], Staff]:
    """A dependency: a member of staff with any of the roles. Another one: 403. Not signed in: to the sign-in page, or 401 from the API.

    `by_person`: False for what a page asks by itself, which does not count as being used (`session_rows.find`).
    """
    unknown = set(roles) - set(all_roles())
    if unknown or not roles:
        raise ValueError(f"name roles of roles.yaml, not {sorted(unknown)}")

    def signed_in(request: Request) -> Staff:
        served = served_by(request)
        token, session = _session(request, served, "staff", by_person)
        with served.store.read() as connection:
            row = _member(connection, session.subject)
        if row is None:
            raise not_signed_in(request, "staff")
        held = frozenset(json.loads(row.roles))
        if not held & set(roles):
            raise HTTPException(403, "This is not for your role")
        return Staff(row.name, row.shown_name, held, session.id, session_rows.csrf_of(token))

    return signed_in


#: Any member of staff, whatever their role.
any_staff = staff(*all_roles())


def own_account(borrower: Borrower, account_id: str) -> str:
    """The account's id if it is the borrower's own; else 404, as for one that is not there: nobody learns which accounts exist."""
    if account_id not in borrower.account_ids:
        raise HTTPException(404, "Not here")
    return account_id


def not_signed_in(request: Request, kind: str, ended: bool = False) -> HTTPException:
    """What a request without a session gets: the sign-in page in the language that was asked for. `ended`: there was a session."""
    if request.url.path.startswith("/api/"):
        return HTTPException(401, "Sign in first")
    lang = request.query_params.get("lang")
    told = {**({"ended": "1"} if ended and kind == "borrower" else {}), **({"lang": lang} if lang in LANGUAGES else {})}
    return HTTPException(303, "", {"location": SIGN_IN[kind] + (f"?{urlencode(told)}" if told else "")})


def accounts_of_person(connection: Connection, person_id: str) -> tuple[tuple[str, ...], str] | None:
    """The accounts that a person borrowed, sorted, and their language; None for nobody, and for whoever was erased."""
    erased = select(PersonKey.person_id).where(PersonKey.person_id == person_id, PersonKey.erased_at.is_not(None))
    if connection.execute(erased).first() is not None:
        return None
    theirs = (
        select(Person.account_id, Person.language, Account.law)
        .join(Account, Account.account_id == Person.account_id)
        .where(Person.person_id == person_id, Person.role == "borrower")
        .order_by(Person.account_id)
    )
    rows = connection.execute(theirs).all()
    if not rows:
        return None
    told = next((row.language for row in rows if row.language), "zh-CN" if rows[0].law == "cn" else "en")
    return tuple(dict.fromkeys(row.account_id for row in rows)), "zh-CN" if told.lower().startswith("zh") else "en"


def _session(
    request: Request, served: Served, kind: str, by_person: bool = True
) -> tuple[str, session_rows.Session]:  # fmt: skip
    token = cookie_of(request, kind)
    session = session_rows.find(served.store, kind, token, served.now(), by_person) if token else None
    if token is None or session is None:
        raise not_signed_in(request, kind, ended=token is not None)
    return token, session


def _member(connection: Connection, name: str) -> Any:
    columns = (StaffMember.name, StaffMember.shown_name, StaffMember.roles)
    return connection.execute(
        select(*columns).where(StaffMember.name == name, StaffMember.disabled_at.is_(None))
    ).first()
