"""The labelled texts: reading them, and the half each one belongs to.

The half follows from the SHA-256 of the id alone, so nobody chooses it: an even first byte is `dev` (read while rules were
written), an odd one `held_out` (not read for that). A text that was read after all is named in `moved_to_dev` of its file.
Texts worded by others stand outside the halves, as `field`.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path

from arrears.facts.yaml_text import read_yaml

HALVES = ("dev", "held_out")
FIELD = "field"


@dataclass(frozen=True)
class Labelled:
    """One text with the families that a careful reader marks in it, and all that the check is told about it."""

    id: str
    text: str
    labels: frozenset[str]
    half: str
    language: str
    pack: str
    channel: str
    recipient: str
    on: date
    legal: frozenset[str] = frozenset()
    amounts: dict[str, str] = field(default_factory=dict)


def half_of(text_id: str) -> str:
    """`dev`, `held_out` or, for what others worded, `field`."""
    if text_id.startswith("field-"):
        return FIELD
    return HALVES[sha256(text_id.encode()).digest()[0] % 2]


@cache
def labelled() -> tuple[Labelled, ...]:
    """Every labelled text of both languages."""
    return tuple(text for name in ("zh", "en", FIELD) for text in _of(name))


def _of(name: str) -> list[Labelled]:
    content = read_yaml(Path(__file__).with_name(f"texts-{name}.yaml")).value
    defaults, moved = content["defaults"], set(content["moved_to_dev"] or ())
    return [_text({"language": name, **defaults, **entry}, moved) for entry in content["texts"]]


def _text(entry: dict, moved: set) -> Labelled:
    legal = {*(entry.get("legal") or ()), *(["time_barred"] if entry.get("time_barred") else [])}
    return Labelled(
        entry["id"], entry["text"], frozenset(entry["labels"]), "dev" if entry["id"] in moved else half_of(entry["id"]),
        entry["language"], entry["pack"], entry["channel"], entry["recipient"], date.fromisoformat(entry["on"]),
        frozenset(legal), entry.get("amounts") or {},
    )  # fmt: skip
