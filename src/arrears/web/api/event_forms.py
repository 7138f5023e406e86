"""What happened, as other systems tell it: one form for each kind of event that may come in by the API.

Money has its own operation; what waives money or law (a hardship granted, a fee waived) takes two people at the desk and cannot come in
here. Whether an event can be (days in order, the amount in the account's currency, the person on the account) is asked of the reader of
case files, which asks the same of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from arrears.web.api.kinds import Amount, Clock, Day, Id, Instant, Strict, Text, Word

Channel = Literal["sms", "call", "voicebot", "email", "letter", "visit", "push", "portal"]
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$", description="A phone number.", examples=["+8613800000000"])]
OneOf = Annotated[Channel, Field(description="The channel it is about.")]


class _Event(Strict):
    account: Id = Field(description="The account it is about.", examples=["LN-000123"])
    person: Id | None = Field(
        default=None, description="The person of the account who said it or was reached; the account's own if left out."
    )
    at: Instant = Field(
        description="When it happened, with its offset; not in the future.", examples=["2026-11-24T10:15:00+08:00"]
    )
    reason: Word | None = Field(
        default=None, description="One word of yours for why, such as `illness`. Stays readable."
    )
    note: Text | None = Field(default=None, description="What was said, in words. Sealed under the person's key.")


class Promise(_Event):
    """The borrower promised to pay an amount by a day."""

    kind: Literal["promise"]
    amount: Amount = Field(description="How much, in the account's currency.", examples=["500.00"])
    by: Day = Field(description="The last day on which it may come.", examples=["2026-12-05"])


class Standing(_Event):
    """The person's standing changed: a dispute or a complaint began or ended, hardship was reported, somebody represents them, they want
    no more contact (`cease`), or they are vulnerable."""

    kind: Literal[
        "dispute_opened", "dispute_closed", "hardship_requested", "complaint_opened", "complaint_closed", "represented", "cease",
        "vulnerable",
    ]  # fmt: skip


class OptOut(_Event):
    """The person wants no more messages: on a channel, to a number, or at all."""

    kind: Literal["opt_out"]
    channel: OneOf | None = Field(default=None, description="The channel; all if left out.")
    number: Number | None = Field(default=None, description="The number; all if left out.")


class _Times(_Event):
    hours: Annotated[list[Clock], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="From and to, on the person's own clock.", examples=[["08:00", "20:00"]]
    )
    number: Number | None = Field(default=None, description="The number it is about.")
    place: Word | None = Field(default=None, description="A place, such as `work` or `home`.")
    until: Day | None = Field(default=None, description="The last day on which it holds.")


class Consent(_Times):
    """The person agreed to be contacted: on a channel, at hours, at a number or place, until a day."""

    kind: Literal["consent"]
    channel: OneOf | None = Field(default=None, description="The channel; any if left out.")


class Inconvenient(_Times):
    """A time, place or channel is inconvenient to the person."""

    kind: Literal["inconvenient"]
    channel: OneOf | None = Field(default=None, description="The channel; all if left out.")

    @model_validator(mode="after")
    def _says_what(self) -> Inconvenient:
        if not (self.channel or self.hours or self.place or self.number):
            raise ValueError("says nothing that is inconvenient: name a channel, hours, a place or a number")
        return self


class Contact(_Event):
    """A contact that another system made or took, with its outcome: the law counts it like one of ours."""

    kind: Literal["contact"]
    channel: OneOf
    direction: Literal["out", "in"] = Field(default="out", description="`out`: we reached out; `in`: they did.")
    outcome: Literal[
        "sent", "delivered", "failed", "no_answer", "voicemail", "conversation", "wrong_number", "absent", "refused", "busy",
        "not_in_service",
    ] = Field(description="What became of it.")  # fmt: skip
    party: Literal["borrower", "guarantor", "third_party", "representative"] | None = Field(
        default=None, description="Who was reached; the borrower if left out."
    )
    number: Number | None = Field(default=None, description="The number it is about.")
    purpose: Literal[
        "collection", "location_information", "required_notice", "cease_confirmation", "reply", "remedy_notice", "service"
    ] | None = Field(default=None, description="What it was for; collection if left out.")  # fmt: skip
    place: Word | None = Field(default=None, description="Where, such as `work` or `home`.")
    by: Literal["lender", "agency", "assignee"] | None = Field(default=None, description="Who made it.")


Told = Annotated[Promise | Standing | OptOut | Consent | Inconvenient | Contact, Field(discriminator="kind")]
MOST = 1000


class Events(Strict):
    """Up to 1,000 events that are recorded together or not at all."""

    events: Annotated[list[Told], Field(min_length=1, max_length=MOST)] = Field(description="The events.")
