"""Codes: unguessable, readable aloud, and every slip of a finger is seen."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrears.notice.codes import ALPHABET, BITS, RANDOM_BYTES, code_hash, codes_in, grouped, new_code, normal_code
from tests.examples import examples

randoms = st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES)


def test_a_code_holds_at_least_fifty_bits_and_all_of_them_come_from_the_randomness():
    assert BITS >= 50

    codes = {new_code((1 << (63 - bit)).to_bytes(8, "big")) for bit in range(BITS)}

    assert len(codes) == BITS and not any("I" in code or "L" in code or "O" in code or "U" in code for code in codes)


@examples(50)
@given(randoms)
def test_one_wrong_character_is_always_seen(random):
    code = normal_code(new_code(random))

    slips = [code[:at] + other + code[at + 1 :] for at in range(len(code)) for other in ALPHABET if other != code[at]]

    assert [slip for slip in slips if normal_code(slip) is not None] == []


@examples(50)
@given(randoms)
def test_two_characters_that_changed_places_are_always_seen(random):
    code = normal_code(new_code(random))

    slips = []
    for one, other in combinations(range(len(code)), 2):
        letters = list(code)
        letters[one], letters[other] = letters[other], letters[one]
        slips.append("".join(letters))

    assert [slip for slip in slips if slip != code and normal_code(slip) is not None] == []


@pytest.mark.parametrize("typed", [
    "kfwr-egpq-p394", "KFWREGPQP394", " KFWR EGPQ P394 ", "ＫＦＷＲ－ＥＧＰＱ－Ｐ３９４", "KFWR—EGPQ—P394", "kfwr.egpq.p394",
])  # fmt: skip
def test_a_code_is_read_however_it_is_typed(typed):
    assert normal_code(typed) == "KFWREGPQP394"


def test_letters_that_look_like_digits_are_read_as_those_digits():
    code = new_code(bytes(8))

    assert set(code) == {"0", "-"}
    assert normal_code("OOOO-oooo-0000") == normal_code(code)


@pytest.mark.parametrize(
    "typed", ["", "KFWR", "KFWR-EGPQ-P39", "KFWR-EGPQ-P3944", "KFWR-EGPQ-P39U", "核验码", "KFWR-EGPQ-P393"]
)
def test_what_is_no_code_is_none(typed):
    assert normal_code(typed) is None


@examples(50)
@given(randoms)
def test_codes_are_found_in_a_text_among_dates_numbers_and_links(random):
    code = new_code(random)
    text = f"2026-11-24 逾期1,831.23元，核验码{code}，请至www.example.com核验。电话4008-0012-34"

    assert codes_in(text) == (normal_code(code),)
    assert codes_in(f"Code {code} from Bank") == (normal_code(code),)
    assert grouped(normal_code(code)) == code


def test_the_hash_of_a_code_needs_the_key_and_not_the_way_it_is_typed():
    one, other = code_hash("KFWR-EGPQ-P394", b"key"), code_hash("kfwregpqp394", b"key")

    assert one == other != code_hash("KFWR-EGPQ-P394", b"another key")
    with pytest.raises(ValueError, match="not a code"):
        code_hash("KFWR-EGPQ-P395", b"key")
