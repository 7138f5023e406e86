"""The public page "Where do I stand?": a borrower types a loan, from whichever lender, and gets the answer. Nothing is kept or logged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, Response

from arrears.advise import Looked
from arrears.advise.letters import NAMES as LETTERS
from arrears.advise.letters import letter_of, letter_pdf, letter_text
from arrears.calendar import BUSINESS_ZONES
from arrears.errors import Refusal
from arrears.law import packs
from arrears.legal import debt_of
from arrears.plans import policy_for
from arrears.plans.paper import Sheet
from arrears.web.budget_form import MOST_DEBTS
from arrears.web.pages_shown import reader_language, shown_page
from arrears.web.penalty_shown import letter_file as penalty_file
from arrears.web.served import served_by
from arrears.web.stand_answer import answer, case_text, stood
from arrears.web.stand_form import DEFAULTS, MOST, OPTIONS, Fault, Typed, typed
from arrears.web.stand_penalty import penalty_letter, penalty_part
from arrears.web.stand_plan import afford, letter, letter_file, letter_to_creditor
from arrears.web.stand_upload import COLUMNS, LARGEST, lines_of
from arrears.web.standing_shown import special_shown, standing_words
from arrears.web.words import LANGUAGES, plan_words, special_words, stand_words

router = APIRouter(include_in_schema=False)
#: Which fields stand in which part of the form.
PARTS = {
    "loan": ("place", "currency", "lender_kind", "principal", "opened_on", "kept_back", "rate", "penalty_rate"),
    "plan": ("count", "each", "first_due", "schedule"),
    "paid": ("payments",),
    "reached": ("who", "contacts", "phone_known", "address_known"),
    "told": ("hardship_on", "dispute_on", "promise_on", "promise_amount", "promise_by"),
}
NEEDED = ("place", "principal", "opened_on")
WORDS_OF = {
    "place": "places",
    "lender_kind": "lender_kinds",
    "who": "whos",
    "phone_known": "yes_no",
    "address_known": "yes_no",
}
#: What a phone's keyboard shows.
KEYBOARDS = {
    "count": "numeric",
    **dict.fromkeys(("principal", "kept_back", "rate", "penalty_rate", "each", "promise_amount"), "decimal"),
}


async def _sent(request: Request) -> dict[str, str]:
    """The fields that were sent; of a field that was sent twice the last. A CSV file takes the place of the field that it stands for."""
    async with request.form(max_files=len(COLUMNS), max_fields=100) as form:
        sent = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        files = {name for name, value in form.multi_items() if isinstance(value, UploadFile)}
        if not files <= {f"{field}_file" for field in COLUMNS}:
            raise HTTPException(400)
        for field in COLUMNS:
            file = form.get(f"{field}_file")
            if isinstance(file, UploadFile) and file.filename:
                lines = lines_of(field, await file.read(LARGEST + 1))
                sent |= (
                    {field: lines}
                    if lines
                    else {"bad_file": field, "bad_because": "csv" if lines is None else "no_lines"}
                )
    return sent


@router.get("/stand")
def ask(request: Request, lang: str | None = None) -> Response:
    """The form."""
    return _form(request, lang, DEFAULTS)


@router.post("/stand")
def reply(request: Request, sent: Annotated[dict[str, str], Depends(_sent)], lang: str | None = None) -> Response:
    """The answer; with `do` the form again (`change`) or the case file (`download`)."""
    if sent.get("do") == "change":
        return _form(request, lang, sent)
    served = served_by(request)
    client = request.client.host if request.client else ""
    seconds = served.answers.wait(client, served.now())
    if seconds:
        return _form(request, lang, sent, seconds=round(seconds + 0.5), status=429)
    if sent.get("bad_file") in COLUMNS:
        because = "no_lines" if sent.get("bad_because") == "no_lines" else "csv"
        return _form(request, lang, sent, [Fault(f"{sent['bad_file']}_file", because)], status=422)
    found = typed(sent, _today(request, sent.get("place", DEFAULTS["place"])))
    item = stood(found)
    if item is None:
        return _form(request, lang, sent, found.faults, status=422)
    if sent.get("do") == "download":
        return _file(found)
    if sent.get("do", "").startswith("letter "):
        return _letter(item, sent["do"])
    language = reader_language(request, lang)
    if sent.get("do") == "afford" and not item.account.refused:
        told = afford(item, found.region, sent, language)
        page = shown_page("stand_plan.html", request, lang, words=_in(language), values=found.values, **told)
        return HTMLResponse(page, 422 if told["faults"] else 200)
    if sent.get("do", "").startswith(("ask ", "creditor ")):
        return _request_letter(item, found, sent, language)
    if sent.get("do") in ("penalty pdf", "penalty txt"):
        letter_asked = penalty_letter(item, sent, language)
        if isinstance(letter_asked, Sheet):
            return _penalty_letter(letter_asked, sent["do"].removeprefix("penalty "))
        return _answer(request, lang, item, found, sent, letter_asked)
    return _answer(request, lang, item, found, sent, {})


def _answer(
    request: Request, lang: str | None, item: Looked, found: Typed, sent: dict[str, str], faults: Mapping[str, str]
) -> Response:
    """The page. `faults`: of the fields of the letter about penalty interest."""
    language = reader_language(request, lang)
    page = shown_page(
        "stand_answer.html", request, lang, words=_in(language), values=found.values, who=_who(found, language), pw=plan_words(language),
        answer=answer(item, found, language), **_special(item, language), **penalty_part(item, sent, faults, language),
    )  # fmt: skip
    return HTMLResponse(page, 422 if faults else 200)


def _penalty_letter(sheet: Sheet, form: str) -> Response:
    content, kind = penalty_file(sheet, form)
    place = f'attachment; filename="penalty-{sheet.on}.{sheet.language}.{form}"'
    return Response(content, media_type=kind, headers={"content-disposition": place})


@cache
def warm() -> None:
    """Read what the first answer would have to read: ladders, law, words. Takes seconds, once in a process."""
    values = {**DEFAULTS, "principal": "1000", "opened_on": "2026-01-10", "schedule": "2026-02-10 1000 20"}
    for place in packs():
        found = typed({**values, "place": place}, date(2026, 3, 1))
        item = stood(found)
        if item is not None:
            answer(item, found, "zh-CN")


def _today(request: Request, place: str) -> date:
    """The day in the country of the place."""
    zone = BUSINESS_ZONES.get(place.partition("/")[0], BUSINESS_ZONES["cn"])
    return served_by(request).now().astimezone(ZoneInfo(zone)).date()


def _in(language: str) -> dict[str, Any]:
    """The words of the page in one language."""
    return stand_words(language)


def _who(found: Typed, language: str) -> str:
    return str(stand_words(language)["whos"][found.values["who"]])


def _special(item: Looked, language: str) -> dict[str, Any]:
    """Special standing of the typed loan. Who lends is unknown, so the example policy of the law gives the times that no law sets."""
    told = {"special_words": special_words(language), "sw": standing_words(language)}
    if item.account.refused:
        return {**told, "special": {"now": [], "situations": []}}
    debt = debt_of(item.facts, item.account.account_id, item.today)
    policy = policy_for(debt.law, str(debt.row["currency"]), str(debt.row["product"]))
    return {**told, "special": special_shown(debt, policy.answer_days if policy else {}, language)}


def _file(found: Typed) -> Response:
    name = f"arrears-case-{found.today}.yaml"
    return Response(
        case_text(found), media_type="application/yaml; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


def _letter(item: Looked, asked: str) -> Response:
    """A letter filled from the typed loan: `letter NAME LANGUAGE txt|pdf`. 404 if there is none such."""
    parts = asked.split(" ")
    if len(parts) != 4 or parts[1] not in LETTERS or parts[2] not in LANGUAGES or parts[3] not in ("txt", "pdf"):
        raise HTTPException(404)
    _, name, language, form = parts
    letter = letter_of(item, name)
    content, kind = (
        (letter_pdf(letter, language), "application/pdf")
        if form == "pdf"
        else (letter_text(letter, language).encode(), "text/plain; charset=utf-8")
    )
    place = f'attachment; filename="{name}-{letter.on}.{language}.{form}"'
    return Response(content, media_type=kind, headers={"content-disposition": place})


def _request_letter(item: Looked, found: Typed, sent: dict[str, str], language: str) -> Response:
    """The letter that asks for a plan, `ask OFFER txt|pdf`, or one to another creditor, `creditor NUMBER txt|pdf`. 404 if there is none such."""
    parts = sent["do"].split(" ")
    if len(parts) != 3 or parts[2] not in ("txt", "pdf") or item.account.refused:
        raise HTTPException(404)
    try:
        sheet = _sheet(item, found, sent, parts, language)
    except Refusal:
        sheet = None
    if sheet is None:
        raise HTTPException(404)
    kind = "application/pdf" if parts[2] == "pdf" else "text/plain; charset=utf-8"
    place = f'attachment; filename="plan-{sheet.on}.{language}.{parts[2]}"'
    return Response(letter_file(sheet, parts[2]), media_type=kind, headers={"content-disposition": place})


def _sheet(item: Looked, found: Typed, sent: dict[str, str], parts: list[str], language: str) -> Sheet | None:
    if parts[0] == "ask":
        return letter(item, found.region, sent, parts[1], language)
    number = int(parts[1]) if parts[1].isascii() and parts[1].isdigit() and len(parts[1]) <= 2 else MOST_DEBTS
    return letter_to_creditor(item, found.region, sent, number, language)


# --- the form ---------------------------------------------------------------------------------------------------


def _form(
    request: Request, lang: str | None, sent: dict[str, str], faults: list[Fault] | None = None, *, seconds: int = 0,
    status: int = 200,
) -> Response:  # fmt: skip
    language = reader_language(request, lang)
    words = _in(language)
    wrong = {fault.field: _said(fault, words) for fault in faults or ()}
    parts = [
        {
            "name": part,
            "fields": [
                _field(name, sent.get(name, DEFAULTS.get(name, "")), wrong.get(name, ""), words) for name in names
            ],
        }
        for part, names in PARTS.items()
    ]
    page = shown_page(
        "stand.html", request, lang, words=words, parts=parts, wait=words["wait"].format(seconds=seconds) if seconds else "",
        wrong=[(name, label, wrong[name]) for name, label in _labels(words) if name in wrong], wrong_files={name: wrong.get(name, "") for name in words["csv"]},
    )  # fmt: skip
    return HTMLResponse(page, status)


def _labels(words: dict[str, Any]) -> list[tuple[str, str]]:
    """Every field of the form with its label, in the form's order; the files stand at its end."""
    typed_ones = [(name, words["fields"][name]["label"]) for names in PARTS.values() for name in names]
    return [*typed_ones, *words["csv"].items()]


def _said(fault: Fault, words: dict[str, Any]) -> str:
    said = words["faults"][fault.code].format(most=fault.most)
    return str(words["line"].format(line=fault.line) + said if fault.line else said)


def _field(name: str, value: str, wrong: str, words: dict[str, Any]) -> dict[str, Any]:
    """A field as the template shows it: its words, its value, its choices where it has some, and what is wrong with it."""
    said = words["fields"][name]
    choices: list[tuple[str, str]] = []
    if name == "place":
        choices = list(words["places"].items())
    elif name in OPTIONS:
        named = words.get(WORDS_OF.get(name, ""), {})
        choices = [(code, named.get(code, code)) for code in OPTIONS[name]]
    if choices and name not in DEFAULTS:
        choices.insert(0, ("", words["choose"] if name != "currency" else "–"))
    described = [f"{name}-hint"] * bool(said["hint"]) + [f"{name}-wrong"] * bool(wrong)
    return {
        "name": name, "label": said["label"], "hint": said["hint"], "value": value, "wrong": wrong, "choices": choices,
        "long": name in MOST, "needed": name in NEEDED, "keyboard": KEYBOARDS.get(name, ""), "described": " ".join(described),
        "marked_optional": name not in (*NEEDED, *DEFAULTS, "count", "each", "first_due", "schedule"),
    }  # fmt: skip
