"""The QR code of a letter, read by a decoder that is not ours from the page as it is printed."""

import io

import pytest
import zxingcpp
from PIL import Image

from arrears.notice.paper import layout_for, letter_pages
from tests.notice.letters import EN, ZH


@pytest.mark.parametrize(("letter", "paper", "country"), [(ZH, "a4", "CN"), (EN, "us-letter", "US")])
def test_the_qr_code_on_the_page_holds_what_it_was_given(letter, paper, country):
    pages = letter_pages(letter, layout_for(paper, country), ppi=200)

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(pages[-1])).convert("L"))

    assert [each.text for each in found] == [letter.qr]
