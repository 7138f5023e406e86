"""The figures of a text: dates, amounts and numbers, and names in Latin letters with a digit or in capitals, sorted."""

import re

_FIGURE = re.compile(r"\d{4}-\d{2}-\d{2}|\d+(?:,\d{3})*(?:\.\d+)?%?|\b[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+\b")


def figures(text):
    """What must be the same in every language of one text."""
    return sorted(_FIGURE.findall(text))
