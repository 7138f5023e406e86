"""Letters on paper: from words and amounts to PDF/A pages that a window envelope can carry.

`letter_pdf` makes one letter, `letters_pdf` many in one file. Both are pure: the same letters give the same bytes.
"""

from arrears.notice.paper.layouts import Layout, layout_for, load_layouts
from arrears.notice.paper.letter import Letter, Letterhead, Line, amounts_from
from arrears.notice.paper.typeset import check_letter, letter_pages, letter_pdf, letters_pdf, page_count

__all__ = [
    "Layout",
    "Letter",
    "Letterhead",
    "Line",
    "amounts_from",
    "check_letter",
    "layout_for",
    "letter_pages",
    "letter_pdf",
    "letters_pdf",
    "load_layouts",
    "page_count",
]
