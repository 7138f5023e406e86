"""The documentation against the code: commands, columns, reasons and clauses that it names, and every command that a page shows."""

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from arrears.cli import main
from arrears.cli.parser import build
from arrears.facts.schema import TABLES
from arrears.law import load_pack, packs
from arrears.legal.court_stage import STAGES
from arrears.legal.papers import kinds as bundle_kinds
from arrears.legal.papers.build import frame
from arrears.legal.ready import words as ready_words
from arrears.legal.reasoning import words as legal_words
from arrears.legal.steps import step_of as legal_step_of
from arrears.legal.steps import steps as legal_steps
from arrears.replay.columns import columns
from arrears.replay.explain import words as line_words
from arrears.replay.layout import LINE_CODES
from arrears.strategy import reasons
from arrears.strategy.ladder import words
from tests.conftest import ROOT, STORY

HOW_TO = sorted((ROOT / "docs/how-to").glob("*.md"))
LEGAL_CASES = ROOT / "tests/legal/cases"
COURT_CASES = ROOT / "tests/legal/court"
TUTORIAL = (ROOT / "docs/tutorial/first-night.md").read_text("utf-8")


def test_every_command_and_option_is_documented():
    text = (ROOT / "docs/reference/command-line.md").read_text("utf-8")

    def walk(parser, prefix):
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                for name, inner in action.choices.items():
                    yield from walk(inner, f"{prefix} {name}")
            elif action.dest not in ("help", "version"):
                yield prefix, (action.option_strings or [action.metavar or action.dest])[0]

    missing = [
        (command, option)
        for command, option in walk(build(), "arrears")
        if option not in text.partition(f"## {command}\n")[2].partition("\n## ")[0]
    ]
    assert missing == []


def test_every_column_and_reason_a_ladder_may_name_is_documented():
    text = (ROOT / "docs/reference/ladders.md").read_text("utf-8")

    assert [name for name in (*columns(), *reasons()) if f"`{name}`" not in text and name != "refused"] == []


def test_every_step_status_and_reason_of_legal_dates_is_documented():
    text = (ROOT / "docs/reference/legal.md").read_text("utf-8")
    named = [step.id for step in legal_steps()]
    named += [
        name for group in ("statuses", "starts", "reasons") for name in legal_words()[group] if name != "held_until"
    ]

    assert [name for name in named if f"`{name}`" not in text] == []


def test_every_word_of_legal_dates_stands_in_both_languages():
    assert [
        (group, name)
        for group, named in legal_words().items()
        for name, word in named.items()
        if not (word["zh"] and word["en"])
    ] == []
    assert {
        clause.rule.runs_from.partition(":")[2]
        for clause in period_clauses()
        if legal_step_of(clause) and ":" in clause.rule.runs_from
    } <= set(legal_words()["notices"])
    assert {kind for clause in period_clauses() for kind in clause.rule.restart_on | clause.rule.suspend_on} <= set(
        legal_words()["kinds"]
    )


def test_every_kind_of_bundle_and_line_of_readiness_is_documented():
    text = (ROOT / "docs/reference/legal.md").read_text("utf-8")
    named = [
        *bundle_kinds(),
        *ready_words()["lines"],
        *STAGES,
        *(item["id"] for item in frame()["evidence"] if item.get("attach")),
    ]

    assert [name for name in named if f"`{name}`" not in text] == []


def period_clauses():
    return [clause for name in packs() for clause in load_pack(name).clauses if clause.kind == "period"]


def test_every_column_of_a_tape_is_documented():
    text = (ROOT / "docs/reference/tapes.md").read_text("utf-8")

    assert [name for table in TABLES.values() for name in table if f"`{name}`" not in text] == []


def test_every_reason_line_and_clause_has_words_in_both_languages():
    assert all(word["zh"] and word["en"] for word in words()["reasons"].values())
    assert set(LINE_CODES) <= set(line_words()["lines"])
    assert all(clause.says["zh"] and clause.says["en"] for clause in load_pack("cn").clauses)


def files_of(text, folder):
    """Write the files that a page shows: a name in backticks, then a block."""
    for name, body in re.findall(r"`([^`\s/]+\.(?:yaml|csv))`[^`]*?```\w+\n(.*?)```", text, re.S):
        (folder / name).write_text(body, "utf-8")


def commands_of(text, begin="arrears"):
    """The commands of a page's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith(begin)]


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """The folder of the tutorial with the files it shows."""
    folder = tmp_path_factory.mktemp("tutorial")
    files_of(TUTORIAL, folder)
    return folder


def test_every_command_of_the_tutorial_runs_and_says_what_it_says(arrears, tutorial):
    commands = commands_of(TUTORIAL)
    outputs = {}

    for command in commands:
        done = arrears(*shlex.split(command)[1:], cwd=tutorial)
        assert done.returncode == 0, (command, done.stderr)
        outputs.setdefault(command, []).append(done.stdout)

    assert "528.15" in outputs["arrears explain loan.yaml --lang en"][0]
    assert "wait 2026-11-02T00:00:00+00:00" in next(
        text for command, (text, *_) in outputs.items() if command.startswith("arrears may")
    )
    first, second = next(texts for command, texts in outputs.items() if command.startswith("arrears import"))
    assert "2 new" in first and "nothing changed" in second


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.zh-CN.md", "zh-CN")])
def test_the_output_in_the_readme_is_the_output(arrears, readme, language):
    shown = re.search(r"--lang .*?```\n\n```\n(.*?)```", (ROOT / readme).read_text("utf-8"), re.S).group(1)

    assert arrears("why-not", "visit", STORY, "--lang", language).stdout.strip() == shown.strip()


def test_every_link_between_the_pages_leads_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    lost = [
        (page.name, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert lost == []


def run_here(commands, folder, monkeypatch, capsys):
    """Run commands in a folder, each of which must do its work; gives what each printed."""
    monkeypatch.chdir(folder)
    told = []
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, (command, capsys.readouterr().err)
        told.append(capsys.readouterr().out)
    return told


@pytest.mark.parametrize("page", HOW_TO, ids=lambda page: page.stem)
def test_every_command_of_a_how_to_page_runs(page, tmp_path, monkeypatch, capsys):
    text = page.read_text("utf-8")
    for shown in (TUTORIAL, text):
        files_of(shown, tmp_path)
    commands = commands_of(text)

    told = dict(zip(commands, run_here(commands, tmp_path, monkeypatch, capsys), strict=True))

    assert commands
    if page.stem == "look-at-what-was-known-then":
        assert re.search(
            r"Due now +1,009\.50 +0\.00 +-1,009\.50", told["arrears explain late.yaml --known-at 2025-03-01 --lang en"]
        )


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_every_command_of_a_readme_is_there(readme):
    text = (ROOT / readme).read_text("utf-8")
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.M)

    made = {line.split()[1] for line in commands_of(text, "make")}
    ran = commands_of(text, ".venv/bin/arrears")

    assert made == {"demo", "test"} <= set(targets)
    # what it prints is held to the page above
    assert len(ran) == 1 and build().parse_args(shlex.split(ran[0])[1:]).command == "why-not"


def test_both_readmes_have_the_same_parts():
    english, chinese = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))

    for pattern in (r"^## ", r"^```", r"^\| \*\*", r"^!\[", r"\]\(docs/[^)]*\)"):
        assert len(re.findall(pattern, english, re.M)) == len(re.findall(pattern, chinese, re.M)), pattern


def test_every_command_of_the_real_tapes_page_runs_and_the_agreement_is_as_told(tmp_path, monkeypatch, capsys):
    text = (ROOT / "examples/uci/README.md").read_text("utf-8")
    (tmp_path / "examples").symlink_to(ROOT / "examples")

    told = run_here(commands_of(text), tmp_path, monkeypatch, capsys)
    compared = subprocess.run(
        [sys.executable, *commands_of(text, "python")[0].split()[1:]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "accounts: 30,000 rows, 30,000 new" in told[0]
    rows = re.findall(r"^\| ([A-Z][a-z]+) \(X(\d+)\) \| ([\d.]+%) \| ([\d.]+%) \|", text, re.M)
    assert [int(column) for _, column, _, _ in rows] == [6, 7, 8, 9, 10, 11]
    for _, column, exact, late in rows:
        assert f"(X{column}): same number of months {exact}; same answer to 'past due at all' {late}" in compared.stdout


def test_the_case_on_the_page_of_case_files_holds_and_its_fault_is_told_as_shown(tmp_path, monkeypatch, capsys):
    text = (ROOT / "docs/cases.md").read_text("utf-8")
    case = next(block for block in re.findall(r"```yaml\n(.*?)```", text, re.S) if "\naccount:" in block)
    (shown,) = re.findall(r"^ten-days-late\.yaml:\d+: .*$", text, re.M)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "ten-days-late.yaml"

    path.write_text(case, "utf-8")
    holds = main(["test", path.name])
    path.write_text(case.replace("kind: payment", "kind: paymnt"), "utf-8")
    wrong = main(["explain", path.name])

    assert (holds, wrong) == (0, 1)
    assert capsys.readouterr().err.strip() == f"arrears: {shown}"


def keys_of(value, path=""):
    """Every key of a JSON answer, as a dotted path; `[]` stands for the entries of a list."""
    if isinstance(value, dict):
        return {key for name, inner in value.items() for key in ({f"{path}{name}"} | keys_of(inner, f"{path}{name}."))}
    if isinstance(value, list):
        return {key for inner in value for key in keys_of(inner, f"{path.removesuffix('.')}[].")}
    return set()


#: Keys whose own names are data (a stage, an action, a reason, a code): what stands below them is not listed.
NAMED_BY_DATA = (
    "figures",
    "by_stage",
    "not_taken",
    "counts",
    "rows",
    "imported",
    "now_known",
    "differences",
    "to",
    "law",
    "clauses",
    "requires",
    "cut",
    "contestable",
    "unchecked",
    "order",
    "figures",
)


def test_every_key_of_a_json_answer_is_documented_and_every_documented_key_is_there(tutorial, monkeypatch, capsys):
    page = (ROOT / "docs/reference/json.md").read_text("utf-8")
    monkeypatch.chdir(tutorial)
    (tutorial / "late.yaml").write_text(
        re.search(
            r"`late.yaml`:\n\n```yaml\n(.*?)```",
            (ROOT / "docs/how-to/look-at-what-was-known-then.md").read_text("utf-8"),
            re.S,
        ).group(1),
        "utf-8",
    )
    (tutorial / "accounts-bad.csv").write_text(
        "account_id,product,law,currency,principal,opened_on\nB1,small,cn,CNY,x,2026-07-01\n", "utf-8"
    )
    main(shlex.split("import accounts.csv instalments.csv people.csv --terms small.yaml --book json-book"))
    capsys.readouterr()
    commands = {
        "explain": ["explain late.yaml --known-at 2025-03-01", f"explain {STORY}", "explain loan.yaml"],
        "why-not": [f"why-not visit {STORY}"],
        "may": [f"may {STORY} --channel call --at 2026-11-24T23:00:00+08:00"],
        "night": ["night --book json-book --as-of 2026-10-01 --out json-1", "night --book json-book --as-of 2026-11-01 --out json-2 --since json-1"],
        "rolls": ["rolls json-1 json-2"],
        "check": ["check accounts-bad.csv", "check accounts.csv"],
        "strategy diff": ["strategy diff cn-consumer uk-consumer --book json-book --as-of 2026-11-01"],
        "strategy show": ["strategy show cn-consumer"],
        "legal dates": [f"legal dates {LEGAL_CASES}/cn-demand-starts-it-again.yaml {LEGAL_CASES}/in-nothing-encoded.yaml"],
        "legal ready": [f"legal ready {COURT_CASES}/cn-ready.yaml"],
        "legal freeze": [f"legal freeze {COURT_CASES}/cn-judged-and-frozen.yaml"],
        "legal credit-file": [f"legal credit-file {COURT_CASES}/cn-ready.yaml"],
        "legal offices": ["legal offices --law cn"],
        "legal bundle": [f"legal bundle {COURT_CASES}/cn-ready.yaml --kind payment-order --out json-bundle",
                         f"legal bundle {COURT_CASES}/cn-shared.yaml --kind sale-handover --out json-sale"],
        "advise": [f"advise {STORY}"],
        "test": ["test loan.yaml"],
    }  # fmt: skip

    for name, lines in commands.items():
        found = set()
        for line in lines:
            main([*shlex.split(line), "--json"])
            for answer in capsys.readouterr().out.splitlines():
                found |= keys_of(json.loads(answer))
        shown = {
            key
            for key in found
            if not set(NAMED_BY_DATA) & set(key.replace("[]", "").split(".")[:-1]) or key.startswith("not_taken[]")
        }
        section = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        documented = set(
            re.findall(
                r"`([^`]+)`", "\n".join(row.split("|")[1] for row in section.splitlines() if row.startswith("| `"))
            )
        )
        assert documented == shown, (name, sorted(documented ^ shown))


def test_every_column_of_a_nights_files_is_documented(tutorial, monkeypatch, capsys):
    page = (ROOT / "docs/reference/night.md").read_text("utf-8")
    monkeypatch.chdir(tutorial)
    run_here(
        [
            "arrears import accounts.csv instalments.csv people.csv --terms small.yaml --book n-book",
            "arrears night --book n-book --as-of 2026-11-01 --out n",
        ],
        tutorial,
        monkeypatch,
        capsys,
    )
    work, decisions = (
        section.partition("\n## ")[0]
        for section in (
            page.partition("## Columns of the work list")[2],
            page.partition("## Columns of the decisions")[2],
        )
    )

    assert set(
        re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in work.splitlines() if row.startswith("| `")))
    ) == set(pl.read_parquet("n/worklist.parquet").columns)
    columns = {
        name
        for name in pl.read_parquet("n/decisions/part-0000.parquet").columns
        if name in ("not_before", "not_after") or not name.startswith("not_")
    }
    assert set(re.findall(r"`(\w+)`", decisions)) == columns
    there = {path.relative_to("n").as_posix().replace("0000", "NNNN") for path in Path("n").rglob("*.*")}
    # in so small a book nobody competes for capacity, and the page says that the file is then not there
    there.add("decisions/part-NNNN-limited.parquet")
    assert there == set(re.findall(r"`([\w/-]+\.\w+)`", page.partition("## Columns")[0]))


def test_the_words_of_every_reason_are_the_documented_ones():
    text = (ROOT / "docs/reference/ladders.md").read_text("utf-8")

    assert [
        name for name, word in words()["reasons"].items() if f"| `{name}` | {word['en']} | {word['zh']} |" not in text
    ] == []


def test_every_code_of_a_finding_of_a_tape_is_documented():
    text = (ROOT / "docs/reference/tapes.md").read_text("utf-8")
    source = "".join(
        (ROOT / f"src/arrears/facts/{name}.py").read_text("utf-8")
        for name in ("tape", "rows", "wide", "checks", "door")
    )

    codes = set(re.findall(r'(?:refuse|_repeated)\(\s*"([a-z_]+)"', source)) | set(
        re.findall(r'report\.add\([^"]*"[^"]*",\s*"([a-z_]+)"', source)
    )
    assert {code for code in codes if f"`{code}`" not in text} == set()
