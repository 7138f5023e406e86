"""`/desk/accounts/ID`: one account on one page. Every view of it is noted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from sqlalchemy import Connection, select
from starlette.responses import RedirectResponse, Response

from arrears import money, show
from arrears.account import as_json
from arrears.advise.week import ChannelWeek, alike, week_ahead
from arrears.dispatch.carried import Office
from arrears.dispatch.channels.portal import posted
from arrears.dispatch.reasons import from_json
from arrears.errors import Refusal
from arrears.facts.beside import tongue_of
from arrears.legal import debt_of
from arrears.legal.standing import standing_of
from arrears.money_in_words import money_under_law_in_full
from arrears.notice.language import amount_text
from arrears.plans import kept
from arrears.plans.words import word
from arrears.store.tables import Account as AccountRow
from arrears.store.tables import Notice, Person, Work
from arrears.web.desk.cases import ANSWERED_IN, open_of
from arrears.web.desk.faults import fault_text
from arrears.web.desk.live import stream
from arrears.web.desk.moment import Held, Now, channels_now, held
from arrears.web.desk.office import office_of
from arrears.web.desk.shown import desk_page, desk_text, language_here, linker, local, words_in
from arrears.web.links import Id
from arrears.web.message_papers import message_pdf
from arrears.web.roles import who_may
from arrears.web.served import Served, served_by
from arrears.web.sessions import Staff, staff
from arrears.web.standing_shown import answer_days_here, standing_words, standings_shown
from arrears.web.views import note_view
from arrears.web.words import plan_words

router = APIRouter(include_in_schema=False)
Reader = Annotated[Staff, Depends(staff(*who_may("see_accounts")))]
Watcher = Annotated[Staff, Depends(staff(*who_may("see_accounts"), by_person=False))]
#: Events shown of an account, the latest first.
EVENTS = 200
#: Seconds between two looks at the guard while a page is open.
LIVE_SECONDS = 20.0


@router.get("/desk/find")
def find(request: Request, who: Reader, id: str = "") -> Response:
    """The account of an id that was typed; the list if there is none."""
    link = linker(request.query_params.get("lang"))
    with served_by(request).store.read() as connection:
        wanted = select(AccountRow.account_id).where(AccountRow.account_id == id.strip()[:128])
        known = connection.execute(wanted).scalar()
    return RedirectResponse(link("/desk/accounts/{}", known) if known else link("/desk", missing=id.strip()[:40]), 303)


@router.get("/desk/accounts/{account_id}")
def one_account(request: Request, who: Reader, account_id: Id) -> Response:
    """The page; 404 for an account that is not there. One that cannot be computed (a product without terms, say) says why."""
    try:
        return _account(request, who, account_id)
    except Refusal as refusal:
        fault = fault_text(refusal, language_here(request))
        return desk_page(request, who, "cannot.html", 409, fault=fault, account_id=account_id[:128])


def _account(request: Request, who: Staff, account_id: str) -> Response:
    served, office, language = served_by(request), office_of(request), language_here(request)
    now = served.now()
    with served.store.read() as connection:
        found = _found(connection, office, account_id, request)
        answers = channels_now(connection, office, found, now)
        works = _works(connection, account_id, language)
        messages = _messages(connection, office, account_id, language)
        cases = _cases(connection, account_id, language)
    note_view(served, who, account_id, "desk account")
    zone, weeks = week_ahead(found.account, found.around, office.rules.asking)
    return desk_page(
        request, who, "account.html", account=found.account, told=as_json(found.account, language),
        figures=_figures(found, language), lines=_lines(found, language), law=money_under_law_in_full(found.account, language),
        channels=_channels(answers, found, language), at=local(now, zone), zone=zone, weeks=[_week(week, language) for week in weeks],
        people=_people(found), events=_events(found, language), works=works, messages=messages,
        next_step=show.what_comes_next(found.account, language), plan=_plan(found, language), standing=_standing(found, language),
        cases=cases, standings=_standings(served, found, now, language), sw=standing_words(language),
    )  # fmt: skip


@router.get("/desk/accounts/{account_id}/letters/{attempt_id}.pdf")
def letter(request: Request, who: Reader, account_id: Id, attempt_id: Id) -> Response:
    """A message of the borrower's pages as PDF, to be printed and posted to whoever does not use them."""
    served = served_by(request)
    found = posted(served.store, served.personal, attempt_id[:36], account_id=account_id)
    if found is None or found.words is None:
        raise HTTPException(404, "Not here")
    note_view(served, who, account_id, "desk letter")
    return message_pdf(served, found)


@router.get("/desk/accounts/{account_id}/live")
def now_live(request: Request, who: Watcher, account_id: Id) -> Response:
    """What the guard says, as it changes."""
    served, office = served_by(request), office_of(request)

    def render() -> str:
        now = served.now()
        with served.store.read() as connection:
            found = _found(connection, office, account_id, request)
            answers = channels_now(connection, office, found, now)
        language = language_here(request)
        return desk_text(
            request, who, "now.html", channels=_channels(answers, found, language), at=local(now, found.zone),
            zone=found.zone,
        )  # fmt: skip

    try:
        render()  # an account that is not there is a 404, not an empty stream
    except Refusal:
        raise HTTPException(409, "Cannot be computed") from None
    note_view(served, who, account_id, "desk account, live")
    return stream(request, who, render, LIVE_SECONDS, 30)


def _found(connection: Connection, office: Office, account_id: str, request: Request) -> Held:
    found = held(connection, office, account_id[:128], served_by(request).now())
    if found is None:
        raise HTTPException(404, "Not here")
    return found


def _figures(found: Held, language: str) -> list[tuple[str, str]]:
    row, account, words = found.account.replayed.position, found.account, words_in(language)["figures"]
    amounts = (
        "past_due_total",
        "due_total",
        "payoff",
        "not_due_principal",
        "due_fee",
        "due_penalty",
        "due_interest",
        "due_principal",
    )
    return [(words[name], amount_text(int(row[name] or 0), account.currency, language)) for name in amounts]


def _lines(found: Held, language: str) -> dict[str, Any]:
    lines = found.account.lines(language)
    numbers = show.rule_numbers(lines)
    currency = found.account.currency
    rows = [
        (line.on.isoformat(), line.text, money.to_shown(line.amount_minor, currency), money.to_shown(line.balance_minor, currency),
         numbers[line.rule])
        for line in lines
    ]  # fmt: skip
    return {"rows": rows, "rules": [(number, show.rule_text(rule)) for rule, number in numbers.items()]}


def _channels(answers: list[Now], found: Held, language: str) -> list[dict[str, Any]]:
    words, tongue = words_in(language), tongue_of(language)
    return [
        {"channel": words["channels"][one.channel], "id": one.channel, "verdict": one.verdict, "word": words["verdicts"][one.verdict],
         "until": local(one.not_before, found.zone),
         "why": [{"text": clause.says[tongue], "source": clause.source_in(language), "id": clause.id, "confirmed": clause.confirmed == "read"}
                 for clause in one.clauses],
         "stop": one.stop.reason if one.stop else "", "against": [reason.text(language) for reason in one.against]}
        for one in answers
    ]  # fmt: skip


def _week(week: ChannelWeek, language: str) -> dict[str, Any]:
    """A channel's week as lines of text, days that are alike in one."""
    words = words_in(language)
    days = []
    for first, last, stretches in alike(week.days):
        name = f"{first:%m-%d}" if first == last else f"{first:%m-%d} – {last:%m-%d}"
        hours = ", ".join(
            f"{begins // 60:02}:{begins % 60:02}–{ends // 60:02}:{ends % 60:02}" for begins, ends in stretches
        )
        days.append((name, hours or words["closed"]))
    return {"channel": words["channels"][week.channel], "days": days, "clauses": [clause.id for clause in week.clauses]}


def _people(found: Held) -> list[Mapping[str, Any]]:
    return [
        {"id": row["person_id"], "role": row["role"], "name": row["name"] or "–", "language": row["language"] or "–",
         "phones": row["phones"] or [], "emails": row["emails"] or [],
         "addresses": [place["text"] for place in row["addresses"] or []]}
        for row in found.facts.people.iter_rows(named=True)
    ]  # fmt: skip


def _events(found: Held, language: str) -> list[dict[str, Any]]:
    """The latest facts, the latest first."""
    words, currency = words_in(language), found.account.currency
    rows = found.facts.events.sort("at", "event_id", descending=True).head(EVENTS).iter_rows(named=True)
    return [
        {"at": local(row["at"], found.zone), "kind": words["kinds"].get(row["kind"], row["kind"]),
         "channel": words["channels"].get(row["channel"] or "", ""), "direction": words["directions"].get(row["direction"] or "", ""),
         "outcome": words["outcomes"].get(row["outcome"] or "", row["outcome"] or ""),
         "amount": amount_text(row["amount"], currency, language) if row["amount"] is not None else "",
         "late": row["recorded_at"] > row["at"] and local(row["recorded_at"], found.zone) != local(row["at"], found.zone),
         "recorded": local(row["recorded_at"], found.zone)}
        for row in rows
    ]  # fmt: skip


def _standing(found: Held, language: str) -> list[str]:
    """What of the standing holds now, in words."""
    row, words = found.account.replayed.position, words_in(language)["standing"]
    return [word for name, word in words.items() if row.get(name)]


def _standings(served: Served, found: Held, now: datetime, language: str) -> list[dict[str, Any]]:
    """Special standing that is open: what it stops, until when, who decides."""
    debt = debt_of(found.facts, found.account.account_id, now)
    begun = standing_of(debt, answer_days_here(served.installation, debt.row, debt.day))
    return standings_shown(debt, (one for one in begun if one.open), language)


def _cases(connection: Connection, account_id: str, language: str) -> list[dict[str, str]]:
    """What of the account waits for an answer."""
    names = words_in(language)["answers"]["names"]
    return [
        {"event": row.event_id, "name": names[row.kind], "opened": local(row.at), "tab": ANSWERED_IN[row.kind]}
        for row in open_of(connection, account_id)
    ]


def _plan(found: Held, language: str) -> str:
    """The plan and whether it is kept, in a line; empty where there is none."""
    account_id = found.account.account_id
    if found.account.replayed.position["plan_status"] == "none":
        return ""
    state = kept(found.facts, account_id, found.account.day())
    told = plan_words(language)
    since = " " + told["agreed_since"].format(on=state.since.isoformat()) if state.since else ""
    return f"{told['desk']['state']}: {word('kept', state.said, language, until=state.repair_until)}.{since}"


def _works(connection: Connection, account_id: str, language: str) -> list[dict[str, Any]]:
    words = words_in(language)
    columns = (Work.action, Work.channel, Work.state, Work.reason, Work.not_before, Work.not_after)
    rows = connection.execute(
        select(*columns).where(Work.account_id == account_id).order_by(Work.not_before.desc()).limit(20)
    )
    return [
        {"channel": words["channels"].get(row.channel, row.channel), "state": words["states"][row.state], "opens": local(row.not_before),
         "why": [why.text(language) for why in from_json(row.reason)]}
        for row in rows
    ]  # fmt: skip


def _messages(connection: Connection, office: Office, account_id: str, language: str) -> list[dict[str, Any]]:
    """What was said to this account's people, as it was sent."""
    words = words_in(language)
    columns = (Notice.person_id, Notice.channel, Notice.made_at, Notice.sealed, Notice.attempt_id)
    # notices are indexed by person
    persons = select(Person.person_id).where(Person.account_id == account_id)
    rows = connection.execute(
        select(*columns)
        .where(Notice.person_id.in_(persons), Notice.account_id == account_id)
        .order_by(Notice.made_at.desc())
        .limit(20)
    ).all()
    opened = office.personal.unseal_many(
        connection, "notices", [row.person_id for row in rows], [row.sealed for row in rows]
    )
    return [
        {"channel": words["channels"].get(row.channel, row.channel), "at": local(row.made_at), "text": (said or {}).get("text", "–"),
         "letter": row.attempt_id if said and row.channel == "portal" else ""}
        for row, said in zip(rows, opened, strict=True)
    ]  # fmt: skip
