"""ISO 20022 statements (camt.053) and notifications (camt.054): booked entries, singly or one by one out of a batch.

Source: ISO 20022 message definitions BankToCustomerStatement and BankToCustomerDebitCreditNotification, versions 001.02 to 001.13. The
elements read here have the same names in all of them, except `Sts` (a text up to 001.03, then `Sts/Cd`).
A batch whose parts do not add up to its entry is a fault: nothing of the file is let in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime

from arrears import money
from arrears.errors import Finding, refuse
from arrears.payments.entries import Entry, EntryKind, Statement
from arrears.payments.xml_tree import Element, parse_xml

MESSAGES = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
#: What banks write where there is no reference.
NO_REFERENCE = ("NOTPROVIDED", "NONREF", "NONE")


class _Fault(Exception):
    """Why one entry cannot be read; becomes a finding with its line."""

    def __init__(self, element: Element, field: str, what: str, value: str = "") -> None:
        super().__init__(what)
        self.finding = (element.line, field, what, value)


def read_camt(content: bytes, file: str, digest: str) -> Statement:
    """The booked entries of a camt.053 or camt.054 document."""
    root = parse_xml(content, file)
    if root.name != "Document" or "camt.05" not in root.namespace:
        raise refuse("payments", "is XML, but no camt.053 or camt.054 document", file=file, line=root.line)
    parts = [part for message, name in MESSAGES.items() for part in root.all(f"{message}/{name}")]
    if not parts:
        raise refuse("payments", "holds no statement (Stmt) and no notification (Ntfctn)", file=file, line=root.line)
    entries: list[Entry] = []
    faults: list[Finding] = []
    pending = 0
    for part in parts:
        for booked in part.all("Ntry"):
            if _status(booked) != "BOOK":
                pending += 1
                continue
            try:
                entries += _entries(part, booked)
            except _Fault as fault:
                line, field, what, value = fault.finding
                faults.append(Finding("payments", what, file=file, line=line, field=field, value=value))
    return Statement(file, digest, tuple(entries), tuple(faults), pending)


def _status(booked: Element) -> str | None:
    return booked.said("Sts/Cd") or booked.said("Sts")


def _entries(part: Element, booked: Element) -> Iterator[Entry]:
    """The entry, or the transactions that it is made of."""
    whole, currency = _amount(booked, booked.one("Amt"))
    details = list(booked.all("NtryDtls/TxDtls"))
    if len(details) <= 1:
        yield _entry(part, booked, details[0] if details else booked, whole, currency, 0)
        return
    found = [_amount(detail, _amount_of(detail)) for detail in details]
    if any(code != currency for _, code in found):
        raise _Fault(booked, "NtryDtls/TxDtls", "has transactions in another currency than the entry")
    signs = [1 if _direction(detail, booked) == _direction(booked, booked) else -1 for detail in details]
    total = sum(sign * amount for sign, (amount, _) in zip(signs, found, strict=True))
    if total != whole:
        what = f"is {money.to_text(whole, currency)}, its transactions add up to {money.to_text(total, currency)}"
        raise _Fault(booked, "Amt", what)
    for number, (detail, (amount, _)) in enumerate(zip(details, found, strict=True)):
        yield _entry(part, booked, detail, amount, currency, number)


def _amount_of(detail: Element) -> Element | None:
    """The amount of one transaction: in the account's currency where both stand there."""
    return detail.one("Amt") or detail.one("AmtDtls/TxAmt/Amt")


def _amount(owner: Element, element: Element | None) -> tuple[int, str]:
    if element is None:
        raise _Fault(owner, "Amt", "is missing")
    currency = element.attributes.get("Ccy", "")
    if currency not in money.currencies():
        raise _Fault(element, "Amt/@Ccy", "is no currency that is known", currency)
    whole, _, fraction = element.text.strip().partition(".")
    fraction = fraction[: money.decimals(currency)] + fraction[money.decimals(currency) :].rstrip("0")
    try:
        amount = money.to_minor(f"{whole}.{fraction}" if fraction else whole, currency)
    except ValueError as error:
        raise _Fault(element, "Amt", str(error), element.text.strip()) from None
    if amount < 0:
        raise _Fault(element, "Amt", "is negative: the direction stands in CdtDbtInd", element.text.strip())
    return amount, currency


def _direction(detail: Element, booked: Element) -> str:
    found = detail.said("CdtDbtInd") or booked.said("CdtDbtInd")
    if found not in ("CRDT", "DBIT"):
        raise _Fault(booked, "CdtDbtInd", "is neither CRDT nor DBIT", found or "")
    return found


def _entry(part: Element, booked: Element, detail: Element, amount: int, currency: str, number: int) -> Entry:
    own = _own_reference(part, booked, detail, number)
    on, at = _day(booked)
    return Entry(
        entry_id=own, kind=_kind(booked, detail), amount=amount, currency=currency, on=on, at=at,
        references=_references(booked, detail), payer=_payer(detail), reverses=_reverses(part, detail),
        line=detail.line,
    )  # fmt: skip


def _kind(booked: Element, detail: Element) -> EntryKind:
    """Credits are payments; a reversal of a credit, or a returned credit, takes one back."""
    credit = _direction(detail, booked) == "CRDT"
    reversal = booked.said("RvslInd") in ("true", "1") or detail.one("RtrInf") is not None
    if credit:
        return "other" if reversal else "payment"
    return "reversal" if reversal else "other"


def _account(part: Element) -> str:
    return part.said("Acct/Id/IBAN") or part.said("Acct/Id/Othr/Id") or ""


def _own_reference(part: Element, booked: Element, detail: Element, number: int) -> str:
    """The bank's own id of the booking; without one, the entry's place in its statement.

    The bank's id is the same in a notification and in the statement that follows it, so both are one payment.
    """
    found = detail.said("Refs/AcctSvcrRef") or detail.said("Refs/TxId")
    servicer = booked.said("AcctSvcrRef")
    if found is None and servicer is not None:
        found = f"{servicer}/{number}" if number else servicer
    if found is None:
        place = booked.said("NtryRef") or f"line {booked.line}"
        found = f"{part.said('Id') or ''}/{place}/{number}"
    return _id(_account(part), found)


def _id(account: str, reference: str) -> str:
    """A short id that holds no account number in the open."""
    return "camt-" + hashlib.sha256(f"{account}\n{reference}".encode()).hexdigest()[:32]


def _reverses(part: Element, detail: Element) -> str | None:
    """The payment that a return names by the bank's id."""
    found = detail.said("RtrInf/OrgnlBkTxCd/Refs/AcctSvcrRef") or detail.said("Refs/ClrSysRef")
    return _id(_account(part), found) if found else None


def _references(booked: Element, detail: Element) -> tuple[str, ...]:
    """Structured references first, then the payer's own words."""
    structured = [reference.text.strip() for reference in detail.all("RmtInf/Strd/CdtrRefInf/Ref")]
    words = [text.text.strip() for text in detail.all("RmtInf/Ustrd")]
    named = [detail.said("Refs/EndToEndId"), detail.said("Refs/MndtId"), detail.said("AddtlTxInf")]
    if detail is booked:
        named.append(booked.said("AddtlNtryInf"))
    whole = " ".join(words)
    found = [*structured, *words, *([whole] if len(words) > 1 else []), *(text for text in named if text)]
    return tuple(dict.fromkeys(text for text in found if text and text.upper() not in NO_REFERENCE))


def _payer(detail: Element) -> str | None:
    return detail.said("RltdPties/Dbtr/Pty/Nm") or detail.said("RltdPties/Dbtr/Nm")


def _day(booked: Element) -> tuple[date, datetime | None]:
    """The day the money counts: the value date, else the booking date; with the instant where the bank gives one."""
    for name in ("ValDt", "BookgDt"):
        day, instant = booked.one(f"{name}/Dt"), booked.one(f"{name}/DtTm")
        if day is None and instant is None:
            continue
        element = day or instant
        assert element is not None
        try:
            if instant is not None:
                at = datetime.fromisoformat(instant.text.strip())
                return at.date(), at.astimezone(UTC) if at.tzinfo else None
            return date.fromisoformat(element.text.strip()[:10]), None
        except ValueError:
            raise _Fault(element, name, "is no date", element.text.strip()) from None
    raise _Fault(booked, "BookgDt", "is missing, and so is ValDt")
