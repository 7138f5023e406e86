"""The tables of the store, the same on SQLite and PostgreSQL.

Facts (`accounts` to `terms`) are append-only: triggers refuse UPDATE and DELETE. What is personal stands sealed in one column, under a
key of the person that can be destroyed (`person_keys`); everything else stays readable after that. The outbox and its attempts are the
only tables whose rows change state. `seq` numbers rows in the order of their recording, for the seals of the log.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    column,
    text,
    types,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.functions import FunctionElement

#: An account's slot is its book part of this many (`facts.book.part_of`); a store is read in 2^n parts, which are whole slots.
SLOTS = 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(value: datetime) -> int:
    """An aware instant as SQLite holds it: whole microseconds since 1970."""
    since = value - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


class Instant(types.TypeDecorator[datetime]):
    """An instant in UTC: timestamptz on PostgreSQL, whole microseconds since 1970 on SQLite, which has no such type."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """The column's type on this database."""
        kind = DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        """An aware instant as the database holds it."""
        if value is None or dialect.name == "postgresql":
            return value
        return microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:
        """What the database holds, as an aware instant in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return _EPOCH + timedelta(microseconds=int(value))


Seq = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER key


class Table(DeclarativeBase):
    """All tables of the store."""

    type_annotation_map = {datetime: Instant, date: Date, int: BigInteger, bytes: LargeBinary, str: Text}  # noqa: RUF012


#: The facts that open a case or a special standing: few among all, so they have an index of their own. Its condition is not an IN:
#: SQLite builds the list of one again for each row it writes, and does not see that `kind = 'promise'` is among them.
CASE_KINDS = (
    "promise", "dispute_opened", "complaint_opened", "hardship_requested", "vulnerable", "deceased", "bankruptcy",
)  # fmt: skip
CASES = " OR ".join(f"kind = '{kind}'" for kind in CASE_KINDS)
#: The facts that end what those open: whether a case is still open is asked of their index, whatever else a book holds.
END_KINDS = ("dispute_closed", "complaint_closed", "hardship_granted", "hardship_refused", "pause_ended")
ENDS = " OR ".join(f"kind = '{kind}'" for kind in END_KINDS)
PROMISES = "kind = 'promise'"
#: What pauses an account until a day.
PAUSES = "kind = 'hardship_granted' OR kind = 'breathing_space'"
_OF_IDENTITY = """kind = 'dispute_opened' AND {position}(data, '"identity_theft"') > 0"""
#: The work that people take piece by piece, what is worth most first: little beside what workers send.
TAKEN_ONE_BY_ONE = "state = 'ready' AND (channel = 'call' OR channel = 'visit')"


class _ToldInData(FunctionElement[str]):
    """A text of the `data` of an event under one word, null where it tells none: an index may stand on it."""

    type = Text()
    inherit_cache = True
    word: str


@compiles(_ToldInData, "sqlite")
def _told_in_data_sqlite(element: _ToldInData, compiler: Any, **told: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **told)}, '$.{element.word}')"


@compiles(_ToldInData, "postgresql")
def _told_in_data_postgresql(element: _ToldInData, compiler: Any, **told: Any) -> str:
    # not by a cast to JSON: that of json may not stand in an index, and that of jsonb refuses texts that json holds
    return rf"""substring({compiler.process(element.clauses, **told)}, '"{element.word}"\s*:\s*"([^"]*)"')"""


class PromisedBy(_ToldInData):
    """The last day of a promise, from its `data` (ISO, local to the account), null where it tells none; promises are indexed by it."""

    inherit_cache = True
    name = "promised_by"
    word = "by"


class _Until(_ToldInData):
    inherit_cache = True
    name = "until"
    word = "until"


class PausedUntil(FunctionElement[str]):
    """The last day of a pause, from its `data` (ISO, local to the account), the end of all days where it tells none; pauses are indexed by it."""

    type = Text()
    inherit_cache = True
    name = "paused_until"


@compiles(PausedUntil)
def _paused_until(element: PausedUntil, compiler: Any, **told: Any) -> str:
    return f"coalesce({compiler.process(_Until(*element.clauses), **told)}, '9999-12-31')"


class OfIdentityTheft(FunctionElement[bool]):
    """Whether the `data` of a dispute says that it is one of identity; those are indexed apart."""

    type = Boolean()
    inherit_cache = True
    name = "of_identity_theft"


@compiles(OfIdentityTheft, "sqlite")
def _of_identity_sqlite(element: OfIdentityTheft, compiler: Any, **told: Any) -> str:
    return f"""instr({compiler.process(element.clauses, **told)}, '"identity_theft"') > 0"""


@compiles(OfIdentityTheft, "postgresql")
def _of_identity_postgresql(element: OfIdentityTheft, compiler: Any, **told: Any) -> str:
    return f"""strpos({compiler.process(element.clauses, **told)}, '"identity_theft"') > 0"""


def _by_slot(table: str) -> Index:
    """The rows of whole slots, for PostgreSQL alone: SQLite finds them by the accounts of the slots as soon, and need not keep it."""
    return Index(f"{table}_by_slot", "slot").ddl_if(dialect="postgresql")


# --- facts ---------------------------------------------------------------------------------------------------


class Account(Table):
    """A row of `facts.schema` accounts."""

    __tablename__ = "accounts"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    account_id: Mapped[str] = mapped_column(unique=True)
    slot: Mapped[int] = mapped_column(SmallInteger)
    borrower_id: Mapped[str | None]
    product: Mapped[str]
    law: Mapped[str]
    currency: Mapped[str]
    principal: Mapped[int]
    opened_on: Mapped[date]
    rate_ppm: Mapped[int | None]
    penalty_rate_ppm: Mapped[int | None]
    time_zone: Mapped[str | None]
    lender_kind: Mapped[str | None]
    __table_args__ = (Index("accounts_by_slot", "slot", "account_id"),)


class Instalment(Table):
    """A row of `facts.schema` instalments."""

    __tablename__ = "instalments"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    account_id: Mapped[str]
    slot: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(Integer)
    due_on: Mapped[date]
    principal: Mapped[int]
    interest: Mapped[int]
    fee: Mapped[int]
    __table_args__ = (
        Index("instalments_by_account", "account_id", "number", unique=True),
        _by_slot("instalments"),
    )


class Person(Table):
    """A row of `facts.schema` people; `sealed` holds name, phones, emails and addresses (JSON) under the person's key."""

    __tablename__ = "people"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    account_id: Mapped[str]
    person_id: Mapped[str]
    slot: Mapped[int] = mapped_column(SmallInteger)
    role: Mapped[str]
    language: Mapped[str | None]
    time_zone: Mapped[str | None]
    other_zones: Mapped[str | None]  # JSON list
    region: Mapped[str | None]
    sealed: Mapped[bytes | None]
    __table_args__ = (
        Index("people_by_account", "account_id", "person_id", unique=True),
        _by_slot("people"),
        Index("people_by_person", "person_id"),
    )


class Event(Table):
    """A row of `facts.schema` events; what is personal in `data` (numbers, names, texts) stands in `sealed`."""

    __tablename__ = "events"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    event_id: Mapped[str]
    account_id: Mapped[str]
    slot: Mapped[int] = mapped_column(SmallInteger)
    person_id: Mapped[str | None]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    kind: Mapped[str]
    channel: Mapped[str | None]
    direction: Mapped[str | None]
    outcome: Mapped[str | None]
    amount: Mapped[int | None]
    ref: Mapped[str | None]
    data: Mapped[str | None]
    sealed: Mapped[bytes | None]
    __table_args__ = (
        Index("events_by_account", "account_id", "event_id", unique=True),
        _by_slot("events"),
        Index("events_of_cases", "kind", "at", "account_id", postgresql_where=text(CASES), sqlite_where=text(CASES)),
        Index("events_of_ends", "kind", "account_id", "at", postgresql_where=text(ENDS), sqlite_where=text(ENDS)),
        Index(
            "promises_by_day",
            "kind",
            PromisedBy(column("data")),
            "account_id",
            postgresql_where=text(PROMISES),
            sqlite_where=text(PROMISES),
        ),
        Index(
            "pauses_by_day",
            "kind",
            PausedUntil(column("data")),
            "account_id",
            postgresql_where=text(PAUSES),
            sqlite_where=text(PAUSES),
        ),
        Index(
            "disputes_of_identity",
            "at",
            "account_id",
            postgresql_where=text(_OF_IDENTITY.format(position="strpos")),
            sqlite_where=text(_OF_IDENTITY.format(position="instr")),
        ),
    )


class TermsFile(Table):
    """The terms of a product as they were put in; the last row of a product holds."""

    __tablename__ = "terms"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    product: Mapped[str]
    sha256: Mapped[str]
    text: Mapped[str]
    recorded_at: Mapped[datetime]


class Import(Table):
    """A tape or book that came in whole."""

    __tablename__ = "imports"
    seq: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str]  # JSON
    recorded_at: Mapped[datetime]


# --- people: keys and ways to find them -----------------------------------------------------------------------


class PersonKey(Table):
    """The key of one person, wrapped under a master key. Erasing the person destroys `wrapped`; the row stays."""

    __tablename__ = "person_keys"
    person_id: Mapped[str] = mapped_column(primary_key=True)
    master: Mapped[str]  # id of the master key
    wrapped: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]


class Reach(Table):
    """By which number or mailbox a person is found: `token` is a keyed hash of the normalised value. Gone with the person's key."""

    __tablename__ = "reach"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # phone, email
    __table_args__ = (Index("reach_by_person", "person_id"),)


# --- the log --------------------------------------------------------------------------------------------------


class Seal(Table):
    """A seal over all facts recorded up to `seq` of each table: a link in the chain that `arrears verify-log` checks."""

    __tablename__ = "seals"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    sealed_at: Mapped[datetime]
    upto: Mapped[str]  # JSON: table → last seq covered
    rows: Mapped[int]
    digest: Mapped[str]  # of the rows since the seal before
    previous: Mapped[str]  # chain value of the seal before ("" for the first)
    chain: Mapped[str]  # sha256 of previous and all of the above
    signature: Mapped[str | None]


# --- the outbox -----------------------------------------------------------------------------------------------

#: ready: may be claimed. leased: a worker has it. sent: the provider has it. held: asked again and not sent (final).
#: unknown: nobody can say whether it left; being looked up. parked: poison, for a person to look at. expired: its window is over.
STATES = ("ready", "leased", "sent", "held", "unknown", "parked", "expired")


class Work(Table):
    """One piece of lawful work. `key` is its idempotency key: one night, account and action have one piece of work only."""

    __tablename__ = "outbox"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    night: Mapped[str]
    night_as_of: Mapped[datetime]
    account_id: Mapped[str]
    person_id: Mapped[str]
    slot: Mapped[int] = mapped_column(SmallInteger)
    law: Mapped[str]
    strategy: Mapped[str]
    stage: Mapped[str]
    action: Mapped[str]
    channel: Mapped[str]
    staff: Mapped[str | None]
    gain: Mapped[float | None] = mapped_column(Float)
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="ready")
    available_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str | None]  # JSON: why held, parked or expired, with clauses
    changed_at: Mapped[datetime]
    __table_args__ = (
        Index("outbox_to_claim", "channel", "state", "available_at"),
        Index("outbox_by_account", "account_id"),
        Index("outbox_by_night", "night", "state"),
        Index("outbox_of_night", "night", "channel", "state"),
        # for people who take the next call: PostgreSQL alone, for an index of SQLite knows no order of nulls
        Index(
            "outbox_by_gain",
            "channel",
            column("gain").desc().nulls_last(),
            "key",
            postgresql_where=text(TAKEN_ONE_BY_ONE),
        ).ddl_if(dialect="postgresql"),
    )


class Attempt(Table):
    """One attempt to send: written before anything leaves, answered afterwards. An attempt without an answer is unknown."""

    __tablename__ = "attempts"
    attempt_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str]
    person_id: Mapped[str]
    channel: Mapped[str]
    worker: Mapped[str]
    event_id: Mapped[str]  # the contact fact that the law counts
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None]  # accepted, refused, later, unknown
    provider_ref: Mapped[str | None]
    detail: Mapped[str | None]
    delivered: Mapped[str | None]  # delivered, failed
    looked_up: Mapped[int] = mapped_column(Integer, default=0)
    __table_args__ = (
        Index("attempts_by_work", "key"),
        Index("attempts_by_ref", "channel", "provider_ref"),
        Index("attempts_open", "answer", "started_at"),
    )


class Notice(Table):
    """What was said in one message, so that it can be verified: never the code itself, only its keyed hash."""

    __tablename__ = "notices"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    attempt_id: Mapped[str] = mapped_column(String(36))
    account_id: Mapped[str]
    person_id: Mapped[str]
    channel: Mapped[str]
    template: Mapped[str]
    language: Mapped[str]
    text_hash: Mapped[str]  # keyed hash of the normalised text
    made_at: Mapped[datetime]
    signature: Mapped[str | None]
    sealed: Mapped[bytes | None]  # the text itself, under the person's key
    __table_args__ = (Index("notices_by_person", "person_id"),)


class Stop(Table):
    """A stop switch, set and lifted; both are kept. Scope: all, channel, strategy, person, account; `subject` names it ('' for all)."""

    __tablename__ = "stops"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    scope: Mapped[str]
    subject: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[str]
    reason: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    __table_args__ = (Index("stops_open", "lifted_at", "scope", "subject"),)


class Queued(Table):
    """Something for a person to sort: an inbound text, a payment without an account, a parked piece of work."""

    __tablename__ = "queue"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    queue: Mapped[str]  # inbound, unmatched, parked
    key: Mapped[str] = mapped_column(unique=True)  # the same thing is queued once
    account_id: Mapped[str | None]
    person_id: Mapped[str | None]
    sort: Mapped[str]  # what it seems to be: paid, call_me, who_is_this, dispute, other …
    content: Mapped[str | None]  # JSON without personal data
    sealed: Mapped[bytes | None]
    queued_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]
    done_how: Mapped[str | None]
    __table_args__ = (Index("queue_open", "queue", "done_at"),)


class Posted(Table):
    """A message shown in the borrower's own pages (channel portal)."""

    __tablename__ = "posted"
    attempt_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[str]
    person_id: Mapped[str]
    posted_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None]
    __table_args__ = (Index("posted_by_person", "person_id", "posted_at"),)


# --- who signs in ---------------------------------------------------------------------------------------------


class StaffMember(Table):
    """Somebody who works at the desk. Signed in by password and TOTP (`password_hash`, `sealed`), or by a provider (`issuer`, `provider_subject`)."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(primary_key=True)
    shown_name: Mapped[str]
    roles: Mapped[str]  # JSON list
    password_hash: Mapped[str | None]  # argon2id
    sealed: Mapped[bytes | None]  # the TOTP secret, under the member's key
    totp_step: Mapped[int | None]  # the last step whose code was taken: no code is taken twice
    failures: Mapped[int] = mapped_column(Integer)
    wait_until: Mapped[datetime | None]
    issuer: Mapped[str | None]
    provider_subject: Mapped[str | None]
    added_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (Index("staff_by_provider", "issuer", "provider_subject", unique=True),)


class SignedIn(Table):
    """A session. `session_hash`: SHA-256 of the cookie's value, which stands nowhere. kind: borrower, staff, enrolling (password right, TOTP not yet)."""

    __tablename__ = "sessions"
    session_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]  # person_id, or the name of a staff member
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    __table_args__ = (Index("sessions_by_subject", "kind", "subject"),)


class OneTimeCode(Table):
    """Something that is good once. kind: sign_in (a borrower's code), recovery (of a staff member), provider (a sign-in under way).

    `handle_hash`: SHA-256 of what the browser holds. `code_hash`: keyed; NULL where nobody is meant, which no code ever meets.
    """

    __tablename__ = "one_time_codes"
    handle_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str | None]
    code_hash: Mapped[str | None] = mapped_column(String(64))
    channel: Mapped[str | None]
    answer: Mapped[str | None]  # what the channel said: accepted, refused, later, unknown
    tries: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    __table_args__ = (
        Index("codes_by_subject", "kind", "subject", "made_at"),
        Index("codes_by_age", "expires_at"),
    )


class View(Table):
    """Somebody looked at a person's data. Append-only, as facts are."""

    __tablename__ = "views"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who_kind: Mapped[str]  # borrower, staff, client (of the API)
    who: Mapped[str]
    subject: Mapped[str]  # person_id or account_id
    page: Mapped[str]
    session_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("views_by_subject", "subject", "at"), Index("views_by_who", "who", "at"))


class Approval(Table):
    """Something that waives money or law, asked for by one person and agreed to by another. `content`: JSON without personal data."""

    __tablename__ = "approvals"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    subject: Mapped[str]
    content: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    why: Mapped[str]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]  # agreed, declined, withdrawn
    decided_why: Mapped[str | None]
    __table_args__ = (Index("approvals_open", "decided_at", "kind"), Index("approvals_by_subject", "subject"))


# --- what the desk reads of a night ---------------------------------------------------------------------------


class DeskNight(Table):
    """A night as the desk shows it. Nothing decides by it: it is read from the night's files and replaced by the next one.

    `figures`: the numbers of the overview (JSON). `words`: names of stages and actions by language (JSON).
    """

    __tablename__ = "desk_nights"
    number: Mapped[int] = mapped_column(Seq, primary_key=True, autoincrement=True)
    night: Mapped[str] = mapped_column(unique=True)  # as the outbox names it
    planned_for: Mapped[date]
    taken_at: Mapped[datetime]
    accounts: Mapped[int]
    figures: Mapped[str]
    words: Mapped[str]


class DeskCell(Table):
    """How many accounts of a night share stage, channel, action, bands and product, and where the first of them stands in the list."""

    __tablename__ = "desk_cells"
    night_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    stage: Mapped[str]
    channel: Mapped[str]  # '-': no contact
    action: Mapped[str]  # '-': nothing
    days_band: Mapped[str]
    amount_band: Mapped[str]
    product: Mapped[str]
    currency: Mapped[str]
    accounts: Mapped[int]
    past_due: Mapped[int]  # minor units
    first_place: Mapped[int]


class DeskAccount(Table):
    """A line of a night's list; `place` is its place in the order of the list. Money in minor units."""

    __tablename__ = "desk_accounts"
    night_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cell: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[str]
    days_past_due: Mapped[int]
    past_due: Mapped[int]
    gain: Mapped[float | None] = mapped_column(Float)
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    staff: Mapped[str | None]
    __table_args__ = (Index("desk_accounts_by_cell", "night_number", "cell", "place"),)


# --- the API --------------------------------------------------------------------------------------------------


class ApiAnswer(Table):
    """What the API answered under an idempotency key of a client: the same question again gets it back. No personal data."""

    __tablename__ = "api_answers"
    client: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    operation: Mapped[str]
    body_hash: Mapped[str] = mapped_column(String(64))  # SHA-256 of what was sent
    answer: Mapped[str]  # JSON
    made_at: Mapped[datetime]
    __table_args__ = (Index("api_answers_by_age", "made_at"),)


# --- news of facts --------------------------------------------------------------------------------------------


class Subscriber(Table):
    """Who is told of facts that are recorded, by `webhooks` of the installation. `kinds`: JSON list of kinds of events; NULL: every kind."""

    __tablename__ = "subscribers"
    name: Mapped[str] = mapped_column(primary_key=True)
    kinds: Mapped[str | None]
    since: Mapped[datetime]


class News(Table):
    """One event that one subscriber is still to be told; gone when it is told. No personal data: what is told is read from the event.

    state: ready (may be claimed), leased (somebody is telling it), parked (given up, for a person). `available_at`: not before; NULL: at once.
    """

    __tablename__ = "news"
    number: Mapped[int] = mapped_column(
        Seq, primary_key=True, autoincrement=True
    )  # in the order of recording, of one account
    subscriber: Mapped[str]
    account_id: Mapped[str]
    event_id: Mapped[str]
    recorded_at: Mapped[datetime]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(Integer)
    available_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    lease_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    reason: Mapped[str | None]  # why it failed last
    __table_args__ = (
        Index("news_to_claim", "subscriber", "state", "number"),
        Index("news_by_account", "subscriber", "account_id", "number"),
    )
