"""Words in data files stand whole: an unquoted comma inside braces would cut a sentence in two without a word of complaint."""

import pytest
import yaml

from tests.conftest import ROOT

FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "src/arrears").rglob("*.yaml"))


def cut_off(part):
    """Keys that are the rest of a sentence: several words, and nothing after them."""
    if isinstance(part, dict):
        for key, value in part.items():
            if isinstance(key, str) and " " in key and value is None:
                yield key
            yield from cut_off(value)
    if isinstance(part, list):
        for inner in part:
            yield from cut_off(inner)


@pytest.mark.parametrize("file", FILES)
def test_no_sentence_is_cut_at_a_comma(file):
    content = yaml.load((ROOT / file).read_text("utf-8"), yaml.CSafeLoader)

    assert list(cut_off(content)) == []
