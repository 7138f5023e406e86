"""What is too easy to guess is no password; a sentence of one's own is, in any language."""

import pytest

from arrears.installation import Lender
from arrears.web.passwords import LONGEST, fault_of

LENDER = Lender("demo-bank", {"zh": "示例银行", "en": "Example Bank"}, "95500", "www.bank.example")
EASY = (
    "password1234", "Passw0rd!2026", "P@ssw0rdP@ssw0rd", "123456789012", "987654321098", "qwertyuiop12", "1qaz2wsx3edc", "1q2w3e4r5t6y",
    "aaaaaaaaaaaa", "abcabcabcabc", "abcdefghijkl", "iloveyou2024!", "Welcome2026!!", "admin@admin.com", "letmein123456", "zhang.wei-1990!",
    "ZHANG.WEI zhang", "ExampleBank2026", "示例银行示例银行2026", "bank.example1!", "demo-bank-2026", "woaini1314520", "我爱你我爱你我爱你123", "Arrears-Desk-01",
    "qwerty!asdfgh!", "Summer2026Winter", "９８７６５４３２１０９８",
)  # fmt: skip
GOOD = (
    "一个足够长的密码 for tests", "a new sentence for tests", "correct horse battery staple", "Kx7vTn3rQw9b", "我家楼下的桂花每年九月才开", "green-lamp-over-7-doors",
    "blackbird whistles at noon",
)  # fmt: skip


@pytest.mark.parametrize("password", EASY)
def test_what_everybody_thinks_of_is_no_password(password):
    assert fault_of(password, "zhang.wei", LENDER) == "plain"


@pytest.mark.parametrize("password", GOOD)
def test_a_sentence_or_signs_drawn_at_random_are_taken(password):
    assert fault_of(password, "zhang.wei", LENDER) == ""


@pytest.mark.parametrize(
    ("password", "fault"), [("elevenchars", "short"), ("x" * (LONGEST + 1), "long"), ("Kx7vTn3rQw9" * 11, "")]
)
def test_length_is_held_first(password, fault):
    assert fault_of(password, "zhang.wei") == fault
