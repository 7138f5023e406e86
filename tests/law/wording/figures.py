"""Precision and recall of the wording check on the labelled texts, by family and half. A text counts once for each family."""

from dataclasses import dataclass

from arrears.law.wording import check_text
from tests.law.wording.labelled import Labelled, labelled


@dataclass(frozen=True)
class Figures:
    """Texts rightly marked, wrongly marked and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def found_in(text: Labelled) -> frozenset[str]:
    """The families that the check marks in a labelled text, sent by an agency (which every clause binds)."""
    findings = check_text(text.text, text.pack, text.channel, text.on, recipient=text.recipient, binds="agency",
                          facts=text.legal, amounts=text.amounts)  # fmt: skip
    return frozenset(finding.family for finding in findings)


def figures(half: str, language: str | None = None) -> dict[str, Figures]:
    """Figures of each family that is labelled or marked in the half, and of `all` together."""
    counts: dict[str, list[int]] = {}
    for text in labelled():
        if text.half == half and language in (None, text.language):
            found = found_in(text)
            for family in found | text.labels:
                place = 0 if family in found & text.labels else 1 if family in found else 2
                for name in (family, "all"):
                    counts.setdefault(name, [0, 0, 0])[place] += 1
    return {name: Figures(*counts[name]) for name in sorted(counts)}


def table() -> str:
    """The table of docs/reference/wording.md."""
    halves = {half: figures(half) for half in ("dev", "held_out", "field")}
    head = " | ".join(f"{half.replace('_', ' ')}: texts | precision | recall" for half in halves)
    rows = [f"| family | {head} |", "|---" * (1 + 3 * len(halves)) + "|"]
    for name in [*sorted({name for half in halves.values() for name in half} - {"all"}), "all"]:
        cells = [_cells(half.get(name, Figures(0, 0, 0))) for half in halves.values()]
        rows.append(f"| {'**all**' if name == 'all' else f'`{name}`'} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _cells(one: Figures) -> str:
    precision = f"{one.precision:.3f}" if one.right + one.wrong else "–"
    recall = f"{one.recall:.3f}" if one.right + one.missed else "–"
    return f"{one.right + one.missed} | {precision} | {recall}"
