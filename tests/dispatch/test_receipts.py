"""Receipts of SMSCs in the forms that they come in, and the forms of one id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.receipts import plain_id, read_receipt, same_ids

STANDARD = "id:{id} sub:001 dlvrd:001 submit date:2611240930 done date:2611240931 stat:{stat} err:{err} text:Dear"
READ = [
    (STANDARD.format(id="0123456789", stat="DELIVRD", err="000"), {}, ("0123456789", "delivered", "DELIVRD")),
    (STANDARD.format(id="0A1b", stat="UNDELIV", err="027"), {}, ("0A1b", "failed", "UNDELIV err 027")),
    (STANDARD.format(id="9", stat="EXPIRED", err="000"), {}, ("9", "failed", "EXPIRED")),
    (STANDARD.format(id="9", stat="DELETED", err="000"), {}, ("9", "failed", "DELETED")),
    (STANDARD.format(id="9", stat="REJECTD", err="000"), {}, ("9", "failed", "REJECTD")),
    (STANDARD.format(id="9", stat="ACCEPTD", err="000"), {}, ("9", None, "ACCEPTD")),
    (STANDARD.format(id="9", stat="ENROUTE", err="000"), {}, ("9", None, "ENROUTE")),
    (STANDARD.format(id="9", stat="UNKNOWN", err="000"), {}, ("9", None, "UNKNOWN")),
    ("ID:9 STAT:delivrd", {}, ("9", "delivered", "DELIVRD")),
    ("id:9 stat:DELIVERED", {}, ("9", "delivered", "DELIVRD")),
    ("id:9 stat:MAYBE", {}, ("9", None, "no state")),
    ("", {0x001E: b"9\0", 0x0427: b"\x02"}, ("9", "delivered", "DELIVRD")),
    ("", {0x001E: b"9", 0x0427: b"\x05"}, ("9", "failed", "UNDELIV")),
    (
        STANDARD.format(id="9", stat="ENROUTE", err="000"),
        {0x001E: b"7\0", 0x0427: b"\x02"},
        ("7", "delivered", "DELIVRD"),
    ),
    (STANDARD.format(id="9", stat="DELIVRD", err="000"), {0x0427: b"\x63"}, ("9", "delivered", "DELIVRD")),
    ("delivered, thank you", {}, (None, None, "no state")),
]
SAME = [
    ("2587", "0A1B"),
    ("0a1b", "2587"),
    ("0000002587", "2587"),
    ("2587", "0000002587"),
    ("DEADBEEF", "deadbeef"),
    ("3735928559", "deadbeef"),
    ("A-17_x", "a-17_X"),
]


@pytest.mark.parametrize(("text", "tlvs", "expected"), READ)
def test_a_receipt_is_read_in_every_form(
    text: str, tlvs: dict[int, bytes], expected: tuple[str | None, str | None, str]
) -> None:
    receipt = read_receipt(text, tlvs)

    assert (receipt.ref, receipt.outcome, receipt.detail) == expected


@given(st.text(), st.dictionaries(st.sampled_from([0x001E, 0x0427]), st.binary(max_size=70)))
def test_no_receipt_is_an_error(text: str, tlvs: dict[int, bytes]) -> None:
    assert read_receipt(text, tlvs).outcome in ("delivered", "failed", None)


@pytest.mark.parametrize(("in_receipt", "given_at_first"), SAME)
def test_another_form_of_an_id_is_the_same_message(in_receipt: str, given_at_first: str) -> None:
    assert plain_id(given_at_first) in same_ids(in_receipt)


@given(st.integers(0, 2**64 - 1))
def test_the_same_form_comes_before_every_other(number: int) -> None:
    assert same_ids(str(number))[0] == plain_id(str(number))
    assert plain_id(f"{number:016X}") in same_ids(str(number))
    assert plain_id(f"{number:020d}") in same_ids(f"{number:X}")
