"""The figures of a soak as Markdown, and their place in docs/reliability.md: between markers, one section for each backend and provider."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

#: What must be none, by the name of its list in the reckoning.
PROMISES = {
    "lost": "facts acknowledged and lost",
    "twice": "messages sent twice",
    "after": "messages sent after a payment, opt-out, cease or stop switch was acknowledged",
    "unwritten": "messages at the provider without attempt and contact in the store",
    "wrongly_answered": "attempts whose answer in the store contradicts the provider",
    "over_the_limit": "loans with more contacts than the law's two a week, unknown ones counted",
    "against_the_law": "contacts that the auditor found against a clause",
    "log": "faults in the sealed log",
    "unfinished": "pieces of work left in a lease",
    "nights_different": "nights with other bytes than an undisturbed one",
    "ended_by_itself": "processes that ended without being killed",
}
PROVIDERS = {"line": "the line provider of the tests", "smpp": "the SMS channel and a stand-in for an SMSC"}
HAPPENED = {
    "kill_worker": "a worker killed (SIGKILL)", "kill_writer": "the writer of facts killed", "kill_database": "the database killed with all its processes",
    "kill_night": "the night killed, or begun anew", "freeze_worker": "a worker stopped for longer than its lease, then let go on",
    "step_clock": "a worker whose clock steps twice by up to 40 minutes", "database_gone": "the database gone for a while",
    "disk_full": "no room to write", "did_not_stop": "a process that did not stop in time when asked to",
}  # fmt: skip


def section(outcome, command):
    """The section of one run. `outcome`: as `Outcome.as_json` gives it."""
    plan, found = outcome["plan"], outcome["reckoning"]
    faults = outcome["faults"]
    about = [
        f"- measured on {datetime.now(UTC).date()}; processors: {len(os.sched_getaffinity(0))} × {_first('/proc/cpuinfo', 'model name')}; "
        f"memory: {int(_first('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.1f} GiB; {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}",
        f"- command: `{command}`",
        f"- {outcome['kills']:,} kills in {outcome['seconds']:,.0f} s, {plan['workers']} workers at a time, {PROVIDERS[plan['provider']]}, "
        f"{plan['misbehave']:.0%} of messages treated badly",
        f"- {found['messages']:,} messages reached the provider, {found['acknowledged']:,} facts and switches were acknowledged, "
        f"{found['looked_up']:,} attempts were looked up, {found['unknown']:,} stayed unknown",
        f"- on their way when a fact about them was acknowledged, handed over before: {found['behind']:,} messages, "
        f"the last {found['behind_ns'] / 1e6:.1f} ms later",
    ]
    return "\n\n".join([
        f"### {name_of(plan)}", "\n".join(about),
        _table(("must be none", "found"), [(words, str(len(faults.get(name, [])))) for name, words in PROMISES.items()]),
        _table(("what happened", "times"), [(words, f"{outcome['happened'][name]:,}") for name, words in HAPPENED.items() if outcome["happened"].get(name)]),
    ])  # fmt: skip


def name_of(plan):
    """Under which name a run stands on the page: each backend and provider once."""
    return plan["backend"] + (", SMPP" if plan["provider"] == "smpp" else "")


def _table(head, lines):
    return "\n".join(f"| {one} | {other} |" for one, other in (head, ("---", "---:"), *lines))


def _first(path, name):
    """The first value of a name in a file of `name: value` lines."""
    file = Path(path)
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0 unknown")


def put(page, outcome, command):
    """Put the section of that backend and provider into the page."""
    put_section(page, f"soak {name_of(outcome['plan'])}", section(outcome, command))


def put_section(page, name, text):
    """Replace the section of that name between its markers, or add it at the end; everything else of the page stays."""
    begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
    whole, made = page.read_text("utf-8"), f"{begin}\n{text}\n{end}"
    if begin in whole and end in whole:
        before, _, rest = whole.partition(begin)
        whole = before + made + rest.partition(end)[2]
    else:
        whole = whole.rstrip("\n") + f"\n\n{made}\n"
    page.write_text(whole, "utf-8")
