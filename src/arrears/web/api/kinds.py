"""The kinds of values that bodies and addresses of the API are made of, checked alike everywhere."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

#: Days and instants before or after these are slips of the pen.
FIRST_YEAR, LAST_YEAR = 1970, 2200
ID = r"^[\x21-\x7e]+$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


class Strict(BaseModel):
    """A body that is refused if it has a field that is not documented."""

    model_config = ConfigDict(extra="forbid")


def _day(value: Any) -> Any:
    if not isinstance(value, (str, date)) or (isinstance(value, str) and not _DAY.fullmatch(value)):
        raise ValueError("is not a day as YYYY-MM-DD")
    return _near(value)


def _instant(value: Any) -> Any:
    if not isinstance(value, (str, datetime)) or (isinstance(value, str) and not _INSTANT.fullmatch(value)):
        raise ValueError("is not an instant with its offset, as 2026-11-24T11:00:00+08:00")
    return _near(value)


def _near(value: str | date) -> str | date:
    year = int(value[:4]) if isinstance(value, str) else value.year
    if not FIRST_YEAR < year < LAST_YEAR:
        raise ValueError(f"is not between {FIRST_YEAR} and {LAST_YEAR}")
    return value


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str), Field(json_schema_extra={"format": "date"})]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant, json_schema_input_type=str),
    Field(json_schema_extra={"format": "date-time"}),
]
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=ID)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
#: Free text: anything but control characters other than a new line or a tab.
Text = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]

AccountId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=128,
        pattern=ID,
        description="The account, as the facts name it.",
        examples=["LN-000123"],
    ),
]
Lang = Annotated[Literal["zh-CN", "en"], Query(description="The language of the words in the answer.", examples=["en"])]
Limit = Annotated[int, Query(ge=1, le=200, description="How many entries a page has at most.", examples=[50])]
Cursor = Annotated[
    str | None,
    Query(max_length=256, pattern=r"^[A-Za-z0-9_-]+$",
          description="`next` of the page before; the first page without it. It means nothing but to this service, and lasts."),
]  # fmt: skip
