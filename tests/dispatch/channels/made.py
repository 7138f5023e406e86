"""An installation and messages for the tests of channels."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from arrears.dispatch.channel import Message
from arrears.installation import Installation, Lender
from arrears.notice.words import Words

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TEXT = "【示例银行】张先生您好：您的贷款有一期 1,234.56 元未还。\n如需核实，请拨打官网所列电话。退订请回复 TD。"


def installation(folder: Path) -> Installation:
    lender = Lender("example", {"zh": "示例银行", "en": "Example Bank"}, "+864008000000", "https://bank.example")
    return Installation(folder / "arrears.yaml", lender, "sqlite:///arrears.db", folder / "keys", {}, {})


def message(number: int = 1, **changes) -> Message:
    words = Words(
        template="cn-reminder", language="zh-CN", text=TEXT, code="7K2M-9QXA-TT4", subject="关于您贷款的还款提醒",
        html="<p>张先生您好：您的贷款有一期 <b>1,234.56</b> 元未还。</p>",
    )  # fmt: skip
    made = Message(
        key=f"key-{number}", attempt_id=f"0192f0c0-0000-7000-8000-{number:012d}", channel="email",
        to="zhang@mail.example", words=words, account_id="A1", person_id="P1", name="张三",
        facts={"due": "1,234.56", "currency": "CNY"},
    )  # fmt: skip
    return replace(made, **changes)


async def into(kept: list, returned) -> None:
    """A `record` that keeps what came back; use it by `functools.partial(into, kept)`."""
    kept.append(returned)
