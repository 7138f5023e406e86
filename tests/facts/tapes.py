"""A small tape that has nothing wrong with it, to be spoilt one thing at a time."""

from __future__ import annotations

from pathlib import Path

ACCOUNTS = """\
account_id,product,law,currency,principal,opened_on
L1,small,cn,CNY,2000.00,2026-07-01
L2,small,cn,CNY,2000.00,2026-07-01
Y1,small,none,JPY,2000,2026-07-01
K1,small,none,KWD,2000.125,2026-07-01
"""
INSTALMENTS = """\
account_id,number,due_on,principal,interest
L1,1,2026-08-01,1000.00,20.00
L1,2,2026-09-01,1000.00,10.00
L2,1,2026-08-01,1000.00,20.00
L2,2,2026-09-01,1000.00,10.00
Y1,1,2026-08-01,2000,20
K1,1,2026-08-01,2000.125,20.125
"""
PEOPLE = """\
account_id,person_id,role,name,language,time_zone,phones
L1,P1,borrower,张三丰,zh-CN,Asia/Shanghai,+8613800000002
L2,P2,borrower,李四光,zh-CN,Asia/Urumqi,+8613800000003
"""
EVENTS = """\
event_id,account_id,at,recorded_at,kind,channel,direction,outcome,amount,ref,data
E1,L1,2026-08-05,2026-08-05,payment,,,,500.00,,
E2,L1,2026-08-06,2026-08-07,payment_reversed,,,,,E1,
E3,L1,2026-08-08T09:30:00+08:00,2026-08-08T09:30:00+08:00,contact,call,out,no_answer,,,
E4,L2,2026-08-09,2026-08-09,promise,,,,300.00,,"{""by"": ""2026-08-20""}"
"""
TERMS = """\
product: small
currency: CNY
versions:
  - effective_from: 2020-01-01
    penalty: {rate: "0.18", basis: actual/360, on: principal}
"""
FILES = {"accounts": ACCOUNTS, "instalments": INSTALMENTS, "people": PEOPLE, "events": EVENTS}


def write_tape(folder: Path, changes: dict[str, tuple[str, str]] | None = None, encoding: str = "utf-8") -> list[Path]:
    """The tape as CSV files in `folder`; `changes` names for a file what is put in place of what."""
    paths = []
    for name, text in FILES.items():
        old, new = (changes or {}).get(name, ("", ""))
        assert old in text, (name, old)
        paths.append(folder / f"{name}.csv")
        paths[-1].write_bytes((text.replace(old, new, 1) if old else text + new).encode(encoding))
    (folder / "small.yaml").write_text(TERMS, "utf-8")
    return paths
