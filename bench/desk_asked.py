"""What `bench/desk.py` asks of a service: every page of the desk, of the borrower and of the public, and the answers to what people do there.

Each answer is about another account of the list. What is asked for leaves the store as it was, but for the calls: they are taken, dialled and
told, as a collector's day goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from fastapi.testclient import TestClient

from arrears.web.cookies import HOST, NAMES
from arrears.web.session_rows import csrf_of

DESK = (
    "/desk", "/desk?stage=visit", "/desk?channel=call&days_band=31-60", "/desk?amount_band=20000%2B&channel=letter",
    "/desk?after={place}", "/desk/find?id={account}", "/desk/accounts/{account}", "/desk/accounts/{account}/adjustment",
    "/desk/cases/promises", "/desk/cases/disputes", "/desk/cases/complaints", "/desk/cases/hardship", "/desk/cases/identity_theft",
    "/desk/cases/pauses", "/desk/cases/breathing_space", "/desk/cases/vulnerable", "/desk/cases/death", "/desk/cases/insolvency",
    "/desk/approvals", "/desk/rounds", "/desk/figures", "/desk/strategy", "/desk/stops", "/desk/law", "/desk/log",
)  # fmt: skip
BORROWER = (
    "/account", "/account/loans/{account}", "/account/loans/{account}/pay", "/account/loans/{account}/plan", "/account/loans/{account}/say/promise",
    "/account/messages", "/account/contact", "/account/help", "/account/held", "/account/held/read",
)  # fmt: skip
#: Nobody is signed in.
PUBLIC = ("/", "/verify", "/stand", "/questions", "/questions/sms-no-visit")
BUDGET = {"adults": "1", "income.wages": "6000", "spending.rent": "1500", "spending.food": "1800"}
#: A loan of twelve instalments that is four months behind.
TYPED = {
    "place": "cn", "currency": "CNY", "lender_kind": "consumer_finance", "principal": "12000", "opened_on": "2026-01-10", "rate": "18",
    "count": "12", "each": "1100", "first_due": "2026-02-10", "payments": "2026-02-10 1100\n2026-03-12 600\n2026-06-20 1100",
    "who": "lender",
}  # fmt: skip
PASTED = {"text": "【示例消费金融】您的借款已逾期，请登录官网核实。验证码 7KQ2-MW4D-X9PA", "code": ""}
LADDER = "cn-consumer"
_VISITS_FROM = ("days_past_due >= 30}", "days_past_due >= 45}")
_DOOR = re.compile(r'href="(/desk/rounds/[^/"]+/[^"?]+)')
_KEY = re.compile(r'name="key" value="([^"]+)"')


@dataclass(frozen=True)
class Visit:
    """What one answer is asked for with: an account, a place of the list, and the sessions of the member of staff and of its borrower."""

    names: Mapping[str, Any]
    tokens: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """A row of the table: its name, and what asks for the answer to a visit (by number); gives the status."""

    name: str
    ask: Callable[[int], int]


class Service:
    """A service that is asked as its visitors ask it."""

    def __init__(self, app: Any, client: TestClient, visits: Sequence[Visit]) -> None:
        self.app, self.client, self.visits = app, client, visits

    def everything(self) -> list[list[Asked]]:
        """All rows; those of one list take turns, as one thing leads to the next."""
        pages = [self.page(page, kind) for kind, pages in self._kinds() for page in pages]
        doors = self.doors()
        return [
            *([one] for one in pages),
            self.calls(),
            *([[Asked("/desk/rounds/{round}/{door}", lambda number: self.get(doors[number % len(doors)], "staff", number))]] if doors else []),
            [Asked("/desk/strategy (preview)", self.preview)],
            [Asked("/desk/strategy (preview, first in ten minutes)", self.preview_anew)],
            [Asked("/account/loans/{account}/plan (answer)", self.plan)],
            [Asked("/stand (answer)", lambda number: self.typed("/stand", TYPED, number))],
            [Asked("/verify (answer)", lambda number: self.typed("/verify", PASTED, number))],
        ]  # fmt: skip

    @staticmethod
    def _kinds() -> tuple[tuple[str, tuple[str, ...]], ...]:
        return (("staff", DESK), ("borrower", BORROWER), ("", PUBLIC))

    def page(self, page: str, kind: str) -> Asked:
        """A page, of each visit's own account."""
        return Asked(page, lambda number: self.get(page.format(**self.visits[number].names), kind, number))

    def get(self, path: str, kind: str, number: int) -> int:
        """The status of an answer to a visitor of a kind (`staff`, `borrower`, or empty: nobody is signed in)."""
        self._be(kind, number)
        return self.client.get(path, follow_redirects=False).status_code

    def post(self, path: str, kind: str, number: int, form: Mapping[str, str]) -> Any:
        """The answer to a form."""
        token = self._be(kind, number)
        return self.client.post(path, data={"csrf": csrf_of(token), **form}, follow_redirects=False)

    def _be(self, kind: str, number: int) -> str:
        self.client.cookies.clear()
        if not kind:
            return ""
        token = self.visits[number].tokens[kind]
        self.client.cookies.set(HOST + NAMES[kind], token)
        return token

    def calls(self) -> list[Asked]:
        """The next call is taken, its screen looked at, dialled, and nobody answers."""
        screens: dict[int, str] = {}

        def screen(number: int) -> int:
            self._be("staff", number)
            answer = self.client.get("/desk/call")
            screens[number] = answer.text
            return answer.status_code

        def dialled(number: int) -> int:
            answer = self.post("/desk/call/dial", "staff", number, {})
            screens[number] = answer.text
            return int(answer.status_code)

        def told(number: int) -> int:
            key = _KEY.search(screens.pop(number))
            if key is None:
                raise SystemExit("/desk/call: no call is in hand")
            return int(self.post("/desk/call/outcome", "staff", number, {"key": key[1], "code": "NA"}).status_code)

        return [
            Asked("/desk/call (next)", lambda number: self.post("/desk/call/next", "staff", number, {}).status_code),
            Asked("/desk/call", screen), Asked("/desk/call (dial)", dialled), Asked("/desk/call (outcome)", told),
        ]  # fmt: skip

    def doors(self) -> list[str]:
        """The addresses of the doors of all rounds."""
        self._be("staff", 0)
        return _DOOR.findall(self.client.get("/desk/rounds").text)

    def preview(self, number: int) -> int:
        """A ladder that visits later, and who would be treated differently."""
        text = resources.files("arrears.strategy").joinpath("ladders", f"{LADDER}.yaml").read_text("utf-8")
        form = {"before": LADDER, "text": text.replace(*_VISITS_FROM), "do": "preview"}
        return int(self.post("/desk/strategy", "staff", number, form).status_code)

    def preview_anew(self, number: int) -> int:
        """As `preview`, where no sample of the book is kept."""
        del self.app.state.desk_sampler
        return self.preview(number)

    def plan(self, number: int) -> int:
        """A budget, and the plans that it can carry."""
        path = f"/account/loans/{self.visits[number].names['account']}/plan"
        return int(self.post(path, "borrower", number, BUDGET).status_code)

    def typed(self, page: str, form: Mapping[str, str], number: int) -> int:
        """A form of the public, each time from another address: who asks may do so a few times a minute only."""
        client = TestClient(
            self.app, base_url="https://127.0.0.1", client=(f"10.0.{number // 250}.{number % 250}", 50_000)
        )
        return client.post(page, data=dict(form)).status_code
