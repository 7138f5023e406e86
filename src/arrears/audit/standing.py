"""What a log itself says about the standing of an account or a person at the moment of each contact, in SQL.

Conditions of clauses name columns (`disputed`, `days_since_notice_validation` …). Those that follow from events of the log are made
here, only where some clause names them; a clause that names another column cannot be judged by this log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from arrears.audit.consent import live_consent, replying
from arrears.audit.mapping import COLUMNS
from arrears.audit.quote import listed, literal
from arrears.facts.schema import KINDS

#: Columns of a contact that conditions may name as they are.
PLAIN = (*COLUMNS, "day", "who", "debtor")
#: Standing that holds from an event on: column → kinds that begin it, kinds that end it.
BEGUN_BY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "represented": (("represented",), ()), "ceased": (("cease",), ()), "vulnerable": (("vulnerable",), ()),
    "deceased": (("deceased",), ()), "bankrupt": (("bankruptcy",), ()), "suit_filed": (("suit_filed",), ()),
    "judgment": (("judgment",), ()), "enforcement": (("enforcement_applied",), ()), "sold": (("sold",), ()),
    "frozen": (("frozen",), ("released",)), "placed": (("placed",), ("recalled",)),
    "hardship_requested": (("hardship_requested",), ("hardship_granted", "hardship_refused")),
    "plan_current": (("plan",), ("plan_cancelled",)),
}  # fmt: skip
#: Standing of the borrower: columns that an event of a guarantor or a third party does not make; what a representative says does.
OF_THE_BORROWER = {
    "represented": ("borrower", "representative"), "ceased": ("borrower", "representative"), "vulnerable": ("borrower",),
    "deceased": ("borrower",), "bankrupt": ("borrower",), "hardship_requested": ("borrower", "representative"),
    "disputed": ("borrower", "representative"), "hardship": ("borrower", "representative"),
    "breathing_space": ("borrower", "representative"),
}  # fmt: skip
#: Standing of the person reached: the kind of event that makes it.
OF_THE_PERSON = {"person_deceased": "deceased", "person_bankrupt": "bankruptcy"}
#: Standing that counts: as many opened as closed.
OPENED_BY = {
    "disputed": ("dispute_opened", "dispute_closed"),
    "complaint_open": ("complaint_opened", "complaint_closed"),
}
#: Outcomes of a contact that was really made.
MADE = ("sent", "delivered", "conversation", "voicemail", "refused")
#: Standing with a span of days in the event itself.
PAUSED_BY = {"hardship": "hardship_granted", "breathing_space": "breathing_space"}
_WORD = re.compile(r"[A-Za-z_]\w*")
_SQL = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "between",
        "like",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "current_date",
        "interval",
        "day",
        "cast",
        "as",
    ]
)


def names_in(condition: str) -> set[str]:
    """The columns that an SQL condition names (words in quotes and SQL's own words are none)."""
    bare = re.sub(r"'(?:[^']|'')*'", " ", condition)
    return {word for word in _WORD.findall(bare) if word.lower() not in _SQL}


def shown(column: str) -> bool:
    """Whether a log can show the column."""
    return column in PLAIN or _made(column) is not None


def asked(columns: Iterable[str]) -> str:
    """SQL of the view `asked`: the log with those of the columns that have to be made."""
    made = {"person_ceased", "third_party_contacts", *(column for column in columns if column not in PLAIN)}
    parts = [f"{sql} AS {column}" for column in sorted(made) if (sql := _made(column)) is not None]
    return f"CREATE OR REPLACE VIEW asked AS SELECT x.*, {', '.join(parts)} FROM log AS x"


def _made(column: str) -> str | None:
    """SQL of a column of the standing of contact `x`; None if a log cannot show it."""
    if column in BEGUN_BY:
        return _begun(*BEGUN_BY[column], _of_whom(column))
    if column in OPENED_BY:
        opened, closed = (_count(f"e.kind = {literal(kind)}{_of_whom(column)}") for kind in OPENED_BY[column])
        return f"({opened} > {closed})"
    if column in PAUSED_BY:
        return _paused(PAUSED_BY[column], _of_whom(column))
    if column in OF_THE_PERSON:
        return _exists(f"e.kind = {literal(OF_THE_PERSON[column])} AND e.who = x.who")
    if column == "person_ceased":
        return _exists("e.kind IN ('cease', 'opt_out') AND e.channel IS NULL AND e.who = x.who")
    if column == "third_party_contacts":
        return f"""(SELECT count(DISTINCT e.event) FROM log AS e WHERE e.kind = 'contact' AND e.direction = 'out' AND e.who = x.who
            AND e.role = 'third_party' AND e.outcome IN {listed(MADE)} AND e.event <> x.event AND (e.made_at, e.n) < (x.made_at, x.n))"""
    if column == "consented":
        return live_consent("x", hours="covered")
    if column == "replying":
        return replying("x")
    return _since(column)


def _since(column: str) -> str | None:
    """`days_since_<kind>`, `days_since_notice_<word>` and `count_<kind>`."""
    for prefix, measure in (("days_since_", "x.day - max(e.day)"), ("count_", "count(*)")):
        word = column.removeprefix(prefix)
        if word == column:
            continue
        if word.startswith("notice_") and word not in KINDS:
            return _query(measure, f"e.notice = {literal(word.removeprefix('notice_'))}")
        return _query(measure, f"e.kind = {literal(word)}") if word in KINDS else None
    return None


def _query(measure: str, condition: str) -> str:
    return f"(SELECT {measure} FROM log AS e WHERE {condition} AND e.account_id = x.account_id AND (e.made_at, e.n) < (x.made_at, x.n))"


def _count(condition: str) -> str:
    return _query("count(*)", condition)


def _exists(condition: str) -> str:
    return f"({_count(condition)} > 0)"


def _of_whom(column: str) -> str:
    """SQL: what an event must be beside its kind to make the column."""
    return f" AND e.role IN {listed(OF_THE_BORROWER[column])}" if column in OF_THE_BORROWER else ""


def _begun(begins: tuple[str, ...], ends: tuple[str, ...], of_whom: str) -> str:
    """SQL: the newest event of either sort is one that begins it."""
    kinds = ", ".join(literal(kind) for kind in (*begins, *ends))
    first = ", ".join(literal(kind) for kind in begins)
    newest = _query("arg_max(e.kind, e.n)", f"e.kind IN ({kinds}){of_whom}")
    return f"coalesce({newest} IN ({first}), false)"


def _paused(kind: str, of_whom: str) -> str:
    """SQL: a pause of the kind holds on the day of the contact and was not ended."""
    ended = "SELECT 1 FROM log AS u WHERE u.kind = 'pause_ended' AND u.account_id = x.account_id AND u.day <= x.day AND (u.made_at, u.n) > (e.made_at, e.n)"
    return _exists(
        f"e.kind = {literal(kind)}{of_whom} AND coalesce(e.from_on, e.day) <= x.day AND (e.until IS NULL OR e.until >= x.day) AND NOT EXISTS ({ended})"
    )
