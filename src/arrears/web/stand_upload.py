"""CSV files of payments or of a schedule, sent with "Where do I stand?": each becomes the lines that a person would have typed.

Nothing is judged here but that it is CSV: every value goes into the field, whose reader tells what is wrong with it and on which line.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence

LARGEST = 200_000  # bytes
#: For which field a file stands, and its columns with the names that a header may give them.
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "payments": (
        ("日期", "还款日期", "还款时间", "交易日期", "交易时间", "记账日期", "付款时间", "date", "paid_on", "paid on", "payment date", "transaction date", "at"),
        ("金额", "还款金额", "交易金额", "付款金额", "实还金额", "amount", "paid", "payment", "amount paid"),
    ),
    "schedule": (
        ("日期", "还款日", "还款日期", "到期日", "到期日期", "应还日期", "date", "due_on", "due date"),
        ("本金", "应还本金", "principal"),
        ("利息", "应还利息", "interest"),
    ),
}  # fmt: skip
#: In how many of the first lines the header is looked for: statements put the holder and the period before it.
HEAD_WITHIN = 30
#: The time of day behind a date, and the unit behind the name of a column.
_TIME = re.compile(r"(?:\s+|T)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?\s*$", re.ASCII)
_UNIT = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")


def lines_of(field: str, content: bytes) -> str | None:
    """The lines of a file as the field takes them; None if it cannot be read as CSV (UTF-8, UTF-16 or GB 18030, no more than `LARGEST` bytes)."""
    text = _text(content)
    if text is None or len(content) > LARGEST or "\0" in text or text.startswith("%PDF"):
        return None
    try:
        rows = [row for row in csv.reader(io.StringIO(text), _dialect(text)) if any(cell.strip() for cell in row)]
    except csv.Error:
        return None
    if not rows:
        return ""
    heads = ((at, _places(field, row)) for at, row in enumerate(rows[:HEAD_WITHIN], start=1))
    begins, places = next(((at, found) for at, found in heads if found), (0, list(range(len(COLUMNS[field])))))
    body = rows[begins:]
    return "\n".join(" ".join(_cell(row, place) for place in places).strip() for row in body)


def _text(content: bytes) -> str | None:
    wide = ("utf-16",) if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ()
    for encoding in (*wide, "utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _dialect(text: str) -> type[csv.Dialect]:
    """Tab, semicolon or comma, whichever the first lines have most of; commas may stand in amounts."""
    first = "".join(text.splitlines(keepends=True)[:HEAD_WITHIN])

    class Found(csv.excel):
        delimiter = max("\t;,", key=first.count)

    return Found


def _places(field: str, head: Sequence[str]) -> list[int]:
    """Where the columns stand by their names; empty if the first line is no header."""
    names = [_UNIT.sub("", cell).strip().lower() for cell in head]
    found = [next((index for index, name in enumerate(names) if name in known), -1) for known in COLUMNS[field]]
    return found if found[0] >= 0 else []


def _cell(row: Sequence[str], place: int) -> str:
    """A cell without the time of day, and without the blanks and thousands separators that would part it in two."""
    return "".join(_TIME.sub("", row[place]).split()).replace(",", "") if 0 <= place < len(row) else ""
