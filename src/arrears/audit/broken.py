"""Each kind of clause as SQL: a query that gives the rows of the log which break it.

Every function answers with SQL over the table `log` (see `audit.log`), of which the column `n` is read. What a log cannot show ends
in `NotShown`, with the reason that is printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from arrears.audit.consent import live_consent, replying
from arrears.audit.quote import listed, literal
from arrears.audit.rules import Rule
from arrears.audit.standing import MADE

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CONNECTED_NOT = ("busy", "not_in_service")


class NotShown(Exception):
    """A clause that this log cannot show broken; the text says why."""


def broken(rule: Rule) -> str:
    """The query for a rule. NotShown if the log holds nothing by which it could be judged."""
    return _KINDS[rule.kind](rule)


def _among(rule: Rule, condition: str) -> str:
    return f"SELECT x.n FROM log AS x WHERE {rule.applies()} AND {condition}"


# --- hours --------------------------------------------------------------------------------------------------


def _hours(rule: Rule) -> str:
    part = rule.part
    lifted = part.get("lifted_by") or ()
    if part.get("requested"):
        closed = f"EXISTS ({_requested_hours()})"
        answered = f"EXISTS ({_requested_hours()} AND {replying('x', _REQUESTED_SINCE)})"
        return _among(rule, f"{closed} AND NOT {answered}" if "reply" in lifted else closed)
    zones = "x.zones" if part.get("zone", "person") == "person" else f"[{literal(part['zone'])}]"
    conditions = f"NOT ({_all_open(part, zones, 'x.made_at')}) {_at_place(part)}"
    if "reply" in lifted:
        conditions += f" AND NOT {replying('x', _closed_since(part, zones))}"
    if "consent" in lifted:
        conditions += f" AND NOT {live_consent('x', part.get('consent_days'), hours='named')}"
    return _among(rule, conditions)


def _at_place(part: Mapping[str, Any]) -> str:
    """SQL: the rule is for one sort of place only."""
    place = {"work": "AND coalesce(x.place, '') = 'work'", "not_work": "AND coalesce(x.place, '') <> 'work'"}
    return place.get(str(part.get("place")), "")


def _all_open(part: Mapping[str, Any], zones: str, instant: str) -> str:
    """SQL: whether the windows are open at an instant in every one of the zones."""
    return f"""NOT EXISTS (SELECT 1 FROM (SELECT unnest({zones}) AS zone) AS z
        WHERE NOT ({_open(part, f"timezone(z.zone, {instant})")}))"""


def _open(part: Mapping[str, Any], local: str) -> str:
    """SQL: whether the windows are open at a local timestamp."""
    windows = []
    for window in part.get("windows") or ():
        days = window.get("days") or DAYS
        numbers = [DAYS.index(day) + 1 for day in days]
        until = "<=" if part.get("through") else "<"
        ends = f"AND {local}::TIME {until} {literal(window['until'])}::TIME" if window["until"] != "24:00" else ""
        windows.append(
            f"(isodow({local}) IN ({', '.join(map(str, numbers))}) AND {local}::TIME >= {literal(window['from'])}::TIME {ends})"
        )
    found = " OR ".join(windows) or "false"
    if part.get("holidays") == "closed":
        return f"({found}) AND NOT EXISTS (SELECT 1 FROM holiday AS h WHERE h.day = {local}::DATE)"
    return found


def _closed_since(part: Mapping[str, Any], zones: str) -> str:
    """SQL: when the present closed time began: the last end of a window before which every zone was open."""
    ends = ", ".join(literal(window["until"]) for window in part.get("windows") or () if window["until"] != "24:00")
    if not ends:
        return "x.made_at"
    return f"""(SELECT max(c.instant) FROM (
            SELECT timezone(y.zone, (timezone(y.zone, x.made_at)::DATE - b.back + e.ends)::TIMESTAMP) AS instant
            FROM (SELECT unnest({zones}) AS zone) AS y, (SELECT unnest([0, 1, 2, 3]) AS back) AS b,
                (SELECT unnest([{ends}]::TIME[]) AS ends) AS e
        ) AS c WHERE c.instant <= x.made_at AND {_all_open(part, zones, "c.instant - INTERVAL 1 SECOND")})"""


#: When the hours that request `r` closes in zone `z` began, on the day of the contact.
_REQUESTED_SINCE = "timezone(z.zone, (timezone(z.zone, x.made_at)::DATE + r.hours_from)::TIMESTAMP)"


def _requested_hours() -> str:
    """SQL: a request of the person that closes the local time of the contact."""
    return f"""SELECT 1 FROM log AS r, (SELECT unnest(x.zones) AS zone) AS z
        WHERE r.kind = 'inconvenient' AND r.who = x.who AND r.hours_from IS NOT NULL AND (r.made_at, r.n) < (x.made_at, x.n)
        AND (r.channel IS NULL OR r.channel = x.channel) AND (r.place IS NULL OR r.place = x.place)
        AND (r.number IS NULL OR r.number = x.number)
        AND (r.from_on IS NULL OR x.day >= r.from_on) AND (r.until IS NULL OR x.day <= r.until)
        AND NOT {_taken_back("c.number IS NULL OR c.number = x.number")}
        AND timezone(z.zone, x.made_at)::TIME >= r.hours_from AND timezone(z.zone, x.made_at)::TIME < r.hours_until"""


# --- limits -------------------------------------------------------------------------------------------------


def _limit(rule: Rule) -> str:
    """Rows that count for the limit and were made when it was used up.

    In each group of contacts, the counted ones before a row less those before its window. A contact about two debts stands in the
    group of each debt, and once in a group of the person.
    """
    part = rule.part
    window = part.get("window") or {}
    per = tuple(part.get("per") or ())
    day = "x.day" if part.get("zone", "person") == "person" else f"timezone({literal(rule.zone)}, x.made_at)::DATE"
    keys = _keys(per)
    group = ", ".join([*keys, *_calendar(window)]) or "true"
    once = "" if "debt" in per else f"QUALIFY row_number() OVER (PARTITION BY event, {', '.join(keys)} ORDER BY n) = 1"
    before = "sum(counts) OVER (PARTITION BY {g} ORDER BY made_at, n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    used = f"coalesce({before.format(g=group)}, 0)"
    if "days" in window:
        used += f""" - coalesce(sum(counts) OVER (PARTITION BY {group} ORDER BY day_number
            RANGE BETWEEN UNBOUNDED PRECEDING AND {int(window["days"])} PRECEDING), 0)"""
    return f"""
        WITH seen AS (
            SELECT x.*, {day} AS that_day, ({_counts(rule)})::INTEGER AS counts, ({rule.applies()}{_unless_reply(part)}) AS restricted FROM log AS x
            WHERE x.kind = 'contact'
        ), single AS (SELECT *, that_day - DATE '1970-01-01' AS day_number FROM seen WHERE counts = 1 {once}),
        used AS (SELECT *, {used} AS used FROM single)
        SELECT n FROM used WHERE restricted AND used >= {int(part["most"])}"""


def _unless_reply(part: Mapping[str, Any]) -> str:
    """SQL: an answer to the person is outside a rule that leaves replies out."""
    return f" AND NOT {replying('x')}" if "reply" in (part.get("exclude") or ()) else ""


def _keys(per: tuple[str, ...]) -> list[str]:
    names = {"debtor": "debtor", "person": "who", "debt": "account_id", "number": "coalesce(number, who)"}
    return [names[key] for key in per]


def _calendar(window: Mapping[str, Any]) -> list[str]:
    if "calendar" not in window:
        return []
    return [f"date_trunc({literal(window['calendar'])}, that_day)"]


def _counts(rule: Rule) -> str:
    """SQL: whether a contact counts for the limit."""
    part = rule.part
    conditions = [
        f"x.direction = {literal(part.get('direction') or 'out')}",
        f"x.law = {literal(rule.law)}" if rule.law else "true",
    ]
    if "debtor" in (part.get("per") or ()):
        conditions.append("x.role = 'borrower'")
    if part.get("channels"):
        conditions.append(f"x.channel IN {listed(part['channels'])}")
    if part.get("purposes"):
        conditions.append(f"x.purpose IN {listed(part['purposes'])}")
    conditions.append(_outcomes(part))
    if part.get("place") == "work":
        conditions.append("coalesce(x.place, '') = 'work'")
    elif part.get("place") == "not_work":
        conditions.append("coalesce(x.place, '') <> 'work'")
    exclude = part.get("exclude") or ()
    conditions += [
        f"x.purpose <> {literal(word)}"
        for word in exclude
        if word in ("location_information", "reply", "required_notice")
    ]
    if "not_connected" in exclude:
        conditions.append(f"coalesce(x.outcome, '') NOT IN {listed(CONNECTED_NOT)}")
    if "consent" in exclude:
        conditions.append(f"NOT {live_consent('x', part.get('consent_days'), hours='covered')}")
    return " AND ".join(conditions)


def _outcomes(part: Mapping[str, Any]) -> str:
    if part.get("outcomes"):
        return f"coalesce(x.outcome, '') IN {listed(part['outcomes'])}"
    if part.get("count") == "conversations":
        return "coalesce(x.outcome, '') = 'conversation'"
    if part.get("count") == "contacts":
        return f"coalesce(x.outcome, '') IN {listed(MADE)}"
    return f"coalesce(x.outcome, '') NOT IN {listed(CONNECTED_NOT)}"


# --- waits --------------------------------------------------------------------------------------------------


def _wait(rule: Rule) -> str:
    part = rule.part
    if part.get("business") or part.get("receipt_days"):
        raise NotShown("counts business days or an assumed receipt")
    after, per = str(part["after"]), tuple(part.get("per") or ("debt",))
    same = [f"e.{key} = x.{key}" for key in _keys(per)]
    direction = part.get("direction") or "any"
    if direction != "any":
        same.append(f"e.direction = {literal(direction)}")
    if part.get("channels"):
        same.append(f"e.channel IN {listed(part['channels'])}")
    runs = "true"
    if part.get("days") is not None:
        runs = f"x.day < e.day + {int(part['days']) + (0 if str(part.get('first_day', 1)) == '1' else 1)}"
    ended = ""
    if part.get("until"):
        until = _event(str(part["until"])).replace("e.", "u.")
        joined = " AND ".join(f"u.{key} = x.{key}" for key in _keys(per))
        ended = f"AND NOT EXISTS (SELECT 1 FROM log AS u WHERE {until} AND {joined} AND (u.made_at, u.n) > (e.made_at, e.n) AND (u.made_at, u.n) < (x.made_at, x.n))"
    condition = f"""EXISTS (SELECT 1 FROM log AS e WHERE {_event(after)} AND {" AND ".join(same)}
        AND (e.made_at, e.n) < (x.made_at, x.n) AND e.event <> x.event AND {runs} {ended})"""
    lifted = part.get("exclude") or ()
    if "consent" in lifted:
        condition += f" AND NOT {live_consent('x', part.get('consent_days'), hours='covered')}"
    if "not_connected" in lifted:
        condition += f" AND coalesce(x.outcome, '') NOT IN {listed(CONNECTED_NOT)}"
    condition += "".join(
        f" AND x.purpose <> {literal(word)}"
        for word in lifted
        if word in ("location_information", "reply", "required_notice")
    )
    return _among(rule, condition + _unless_reply(part))


def _event(after: str) -> str:
    """SQL: whether event `e` is what a wait begins with or ends at."""
    what, _, word = after.partition(":")
    if after == "conversation":
        return "e.kind = 'contact' AND e.outcome = 'conversation'"
    if what == "notice":
        return f"e.notice = {literal(word)}"
    if what == "sent":
        return f"e.kind = 'contact' AND e.direction = 'out' AND e.channel = {literal(word)}"
    return f"e.kind = {literal(after)}"


# --- conditions ---------------------------------------------------------------------------------------------


def _forbid(rule: Rule) -> str:
    part = rule.part
    if part.get("request"):
        return _among(rule, _request(str(part["request"]), part))
    lifted = _lifted(part)
    return f"SELECT x.n FROM asked AS x WHERE {rule.applies()} AND coalesce(({part['when']}), false){lifted}"


def _lifted(part: Mapping[str, Any]) -> str:
    """SQL: what lifts a clause that forbids."""
    unless = part.get("unless") or ()
    reply = f" AND NOT {replying('x')}" if "reply" in unless else ""
    return reply + (
        f" AND NOT {live_consent('x', part.get('consent_days'), hours='covered')}"
        if "consent" in unless and not part.get("request")
        else ""
    )


def _request(what: str, part: Mapping[str, Any]) -> str:
    """SQL: the person asked that this medium, number or place be left alone, and did not take it back."""
    said = {
        "medium": "r.kind IN ('opt_out', 'inconvenient') AND r.hours_from IS NULL AND r.number IS NULL AND r.place IS NULL AND (r.channel IS NULL AND r.kind = 'opt_out' OR r.channel = x.channel)",
        "number": "r.kind IN ('opt_out', 'inconvenient', 'contact_invalid') AND r.hours_from IS NULL AND r.number = x.number",
        "place": "r.kind = 'inconvenient' AND r.hours_from IS NULL AND r.place = x.place",
    }[what]
    named = {
        "medium": "c.number IS NULL OR c.number = x.number",
        "number": "c.number = r.number",
        "place": "c.place = r.place OR c.number = x.number",
    }[what]
    found = f"""EXISTS (SELECT 1 FROM log AS r WHERE {said} AND r.who = x.who AND (r.made_at, r.n) < (x.made_at, x.n)
        AND (r.from_on IS NULL OR x.day >= r.from_on) AND (r.until IS NULL OR x.day <= r.until)
        AND NOT {_taken_back(named)})"""
    return found + _lifted(part)


def _taken_back(named: str) -> str:
    """SQL: a later consent that still holds takes request `r` back; `named`: what it has to name."""
    return f"""EXISTS (SELECT 1 FROM log AS c WHERE c.kind = 'consent' AND c.who = x.who AND (c.channel IS NULL OR c.channel = x.channel)
        AND ({named}) AND (c.until IS NULL OR x.day <= c.until) AND (c.made_at, c.n) > (r.made_at, r.n) AND (c.made_at, c.n) < (x.made_at, x.n))"""


def _require(rule: Rule) -> str:
    if not rule.part.get("needs"):
        raise NotShown("says how a contact is made, which a log of contacts does not hold")
    return f"SELECT x.n FROM asked AS x WHERE {rule.applies()} AND NOT coalesce(({rule.part['needs']}), false)"


def _third_party(rule: Rule) -> str:
    part = rule.part
    wrong = [f"x.purpose NOT IN {listed(part.get('purposes') or ())}" if part.get("purposes") else "false"]
    if part.get("stop_on_refusal"):
        wrong.append("x.person_ceased")
    if part.get("only_when"):
        wrong.append(f"NOT coalesce(({part['only_when']}), false)")
    if part.get("most") is not None:
        wrong.append(f"(NOT x.invited AND x.third_party_contacts >= {int(part['most'])})")
    head = {**rule.head, "roles": rule.head.get("roles") or ["third_party"]}
    applies = Rule(**{**rule.__dict__, "head": head}).applies()
    return f"SELECT x.n FROM asked AS x WHERE {applies} AND ({' OR '.join(wrong)})"


_KINDS: dict[str, Callable[[Rule], str]] = {
    "hours": _hours, "limit": _limit, "wait": _wait, "forbid": _forbid, "require": _require, "third_party": _third_party,
}  # fmt: skip
