"""Texts as an SMSC takes them: alphabets, parts and headers, held to another codebase's alphabet and to a real server."""

from __future__ import annotations

import pytest
from aiosmpplib.codec import GSM7BitCodec
from hypothesis import given
from hypothesis import strategies as st

from arrears.dispatch.channels import sms_text
from tests.dispatch.channels.sms_case import answered, bound, message, run
from tests.examples import examples
from tests.peers.running import running
from tests.peers.smsc import Submitted

GSM = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà^{}\\[~]|€"
gsm_texts = st.text(st.sampled_from(GSM), max_size=500)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)

CODED = [
    (b"Hello", 0, "Hello"),
    (b"\x1b\x65 5\x00", 0, "€ 5@"),
    (b"\x1b\x41", 0, "A"),
    (b"caf\xe9", 3, "café"),
    ("退订".encode("utf-16-be"), 8, "退订"),
    ("退订".encode("utf-16-be"), 0x18, "退订"),
    (b"STOP", 0xF1, "STOP"),
    (b"\x01\x02", 4, None),
    (b"\x01\x02", 0xF5, None),
]
PARTS = [
    ("a" * 160, [160]),
    ("a" * 161, [153, 8]),
    ("€" * 80, [160]),
    ("€" * 81, [152, 10]),
    ("a" * 152 + "€" * 5, [152, 10]),
    ("中" * 70, [140]),
    ("中" * 71, [134, 8]),
    ("中" * 66 + "😀" * 3, [132, 12]),
]


@given(gsm_texts)
def test_gsm_octets_are_those_of_another_codebase(text: str) -> None:
    theirs = GSM7BitCodec()

    ours = sms_text.encode(text, "gsm7")

    assert ours == theirs.encode(text)[0]
    assert sms_text.decode(ours, 0) == text


@given(st.binary(max_size=200), st.integers(0, 255))
def test_any_octets_are_read_without_an_error(octets: bytes, data_coding: int) -> None:
    text = sms_text.decode(octets, data_coding)
    place, rest = sms_text.unheaded(octets)

    assert text is None or isinstance(text, str)
    assert place is None or 1 <= place.number <= place.count
    assert octets.endswith(rest)


@pytest.mark.parametrize(("octets", "data_coding", "text"), CODED)
def test_octets_are_read_by_their_data_coding(octets: bytes, data_coding: int, text: str | None) -> None:
    assert sms_text.decode(octets, data_coding) == text


@pytest.mark.parametrize(("text", "sizes"), PARTS)
def test_a_long_text_is_cut_between_letters(text: str, sizes: list[int]) -> None:
    alphabet = sms_text.alphabet_of(text)

    parts = sms_text.split(text, alphabet)

    assert [len(part) for part in parts] == sizes
    assert "".join(sms_text.decode(part, 8 if alphabet == "ucs2" else 0) or "" for part in parts) == text


@given(any_texts, st.integers(0, 255))
def test_parts_with_headers_say_their_place_and_give_the_text_back(text: str, reference: int) -> None:
    alphabet = sms_text.alphabet_of(text)

    headed = [sms_text.unheaded(part) for part in sms_text.headed(sms_text.split(text, alphabet), reference)]

    assert [place for place, _ in headed] == [
        sms_text.Place(reference, len(headed), number) for number in range(1, len(headed) + 1)
    ]
    assert "".join(sms_text.decode(part, 8 if alphabet == "ucs2" else 0) or "" for _, part in headed) == text


def received(parts: list[Submitted]) -> str:
    """The text that a phone would show: parts in order of their header, by another codebase's alphabet."""
    octets = (
        [part.octets[6:] for part in sorted(parts, key=lambda part: part.octets[5])]
        if parts[0].esm_class & 0x40
        else [parts[0].octets]
    )
    if parts[0].data_coding == 8:
        return "".join(part.decode("utf-16-be") for part in octets)
    return "".join(GSM7BitCodec().decode(part)[0] for part in octets)


@examples(8)
@given(st.lists(gsm_texts | any_texts, min_size=1, max_size=5), st.sampled_from(["udh", "payload"]))
def test_every_text_arrives_at_the_smsc_as_it_was(texts: list[str], long: str) -> None:
    with running() as smsc:

        async def act():
            async with bound(smsc.port, long=long, window=20, most_parts=20) as channel:
                return [await answered(channel, message(text, f"+86138{i:08d}")) for i, text in enumerate(texts)]

        answers = run(act())

    assert {answer.kind for answer in answers} == {"accepted"}
    for i, text in enumerate(texts):
        assert received([part for part in smsc.submitted if part.to == f"86138{i:08d}"]) == text
