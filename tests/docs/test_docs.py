"""The documentation against the code: commands, columns, reasons and clauses that it names, and every command of the tutorial."""

import argparse
import re
import shlex

import pytest

from arrears.cli.parser import build
from arrears.facts.schema import TABLES
from arrears.law import load_pack
from arrears.replay.columns import columns
from arrears.replay.explain import words as line_words
from arrears.replay.layout import LINE_CODES
from arrears.strategy import reasons
from arrears.strategy.ladder import words
from tests.conftest import ROOT, STORY

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


def test_every_column_of_a_tape_is_documented():
    text = (ROOT / "docs/reference/tapes.md").read_text("utf-8")

    assert [name for table in TABLES.values() for name in table if f"`{name}`" not in text] == []


def test_every_reason_line_and_clause_has_words_in_both_languages():
    assert all(word["zh"] and word["en"] for word in words()["reasons"].values())
    assert set(LINE_CODES) <= set(line_words()["lines"])
    assert all(clause.says["zh"] and clause.says["en"] for clause in load_pack("cn").clauses)


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    """The folder of the tutorial with the files it shows."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name, body in re.findall(r"`([\w-]+\.(?:yaml|csv))`[^`]*?```\w+\n(.*?)```", TUTORIAL, re.S):
        (folder / name).write_text(body, "utf-8")
    return folder


def test_every_command_of_the_tutorial_runs_and_says_what_it_says(arrears, tutorial):
    commands = [
        line
        for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.S)
        for line in block.splitlines()
        if line.startswith("arrears")
    ]
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
