"""A made lender, its keys, and positions of real accounts (the project's case files), for the tests of the notice room."""

from datetime import UTC, date, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from arrears.facts.cases import read_case
from arrears.installation import Lender
from arrears.notice.codes import new_code
from arrears.notice.keys import PublicKeys
from arrears.notice.occasion import Occasion, Step
from arrears.notice.signing import PublicKey, Signer, key_id_of
from arrears.notice.slots import House
from arrears.notice.templates import template_set
from arrears.notice.words import words_for
from arrears.replay import replay_one
from arrears.replay.terms import Terms
from tests.conftest import ROOT, STORY

ON = date(2026, 11, 24)
LENDER = Lender(
    "demo-bank", {"zh": "示例消费金融有限公司", "en": "Example Consumer Finance"}, "4008001234", "www.example-finance.com",
    {"zh": "上海市浦东新区示例路100号", "en": "100 Example Road, Example Town"},
)  # fmt: skip
HOUSE = House(LENDER, verify_at="www.example-finance.com/verify", creditor={"zh": "样例银行", "en": "Sample Bank"})
CODE = new_code(b"\x17\x2a\x3b\x4c\x5d\x6e\x7f\x80")
KEY = bytes(range(32))
STEP = Step({"zh": "法务审查", "en": "legal"}, date(2027, 1, 8))

_PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
_RAW = _PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLIC = PublicKey(key_id_of(_RAW), _RAW, datetime(2026, 1, 1, tzinfo=UTC))
KEYS = PublicKeys(LENDER.id, {PUBLIC.id: PUBLIC})
SIGNER = Signer(LENDER.id, PUBLIC.id, _PRIVATE)


@cache
def positions():
    """Positions of the case files under `tests/cases` and of the story, by the name of the file."""
    found = {}
    for path in (*sorted((ROOT / "tests/cases").glob("*.yaml")), STORY):
        case = read_case(path, Terms.from_mapping)
        account = case.account_ids[0]
        found[path.stem] = replay_one(case.facts, account, case.as_of or ON, case.known_at).position
    return found


def story():
    """The position of an account that is past due, with principal, interest and penalty."""
    return positions()[STORY.stem]


def occasion(channel="sms", action="sms", law="cn", stage="visit", **more):
    """An occasion to write to the borrower of the story."""
    return Occasion(law, action, stage, channel, "LOAN-880042", ON, **{"name": "李雷", "next_stage": STEP, **more})


def written(channel, language="zh-CN", signer=None, **more):
    """The words of a message to the borrower of the story."""
    about = occasion(channel, channel, **more)
    return words_for(template_set(about.law), about, story(), HOUSE, language, CODE, signer)
