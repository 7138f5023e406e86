"""`POST /api/v1/verify`: whether the lender sent a message, as the public page answers it. Nothing that is asked is kept."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from arrears.web.api.access import Verifier, in_time
from arrears.web.api.kinds import Lang, Strict
from arrears.web.api.told import problems
from arrears.web.served import served_by
from arrears.web.verify_pages import LONGEST, verified

router = APIRouter(prefix="/api/v1", tags=["verify"])


class Question(Strict):
    """A message, its code, or both."""

    text: str | None = Field(
        default=None,
        max_length=LONGEST,
        description="The message as it was received.",
        examples=["您好，…… K7QF-2M9X-TT4"],
    )
    code: str | None = Field(
        default=None, max_length=64, description="The code that stands in it.", examples=["K7QF-2M9X-TT4"]
    )

    @model_validator(mode="after")
    def _asks(self) -> Question:
        if not (self.text or "").strip() and not (self.code or "").strip():
            raise ValueError("asks nothing: give the text, the code, or both")
        return self


class Answer(BaseModel):
    """The answer, with its reasons."""

    verdict: Literal["genuine", "cannot_confirm"] = Field(description="What can be said.", examples=["cannot_confirm"])
    by: str | None = Field(description="By what it was confirmed: code or signature.", examples=[None])
    says: str = Field(
        description="The answer in a sentence.", examples=["We cannot confirm that this message is ours."]
    )
    sent: dict[str, str] | None = Field(
        description="What was sent under the code: channel, day, account as it may be shown.", examples=[None]
    )
    reasons: list[dict[str, Any]] = Field(description="What speaks against the message.", examples=[[]])
    checks: list[dict[str, Any]] = Field(description="What to check.", examples=[[]])
    reach: str = Field(
        description="How to reach the lender by a way that is not in the message.", examples=["Call 95500."]
    )


@router.post("/verify", summary="Is this message genuine", responses=problems(400, 413))
def ask(request: Request, body: Question, client: Verifier, lang: Lang = "en") -> Answer:
    """Whether a message came from this lender. Never called genuine without its code or a signature. Each client may ask 10 at once and
    6 a minute after that, in each process."""
    served = served_by(request)
    in_time(served.look_ups, f"api {client.name}", served)
    return Answer(**verified(served, body.text or "", (body.code or "").strip()).as_json(lang))
