"""Letters on paper, read back by another program: text, pages, PDF/A, the window of the envelope, and names that look like code."""

import re
import unicodedata
from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from arrears.errors import Refusal
from arrears.notice.paper import Line, layout_for, letter_pdf, letters_pdf, load_layouts, page_count
from arrears.notice.paper.glyphs import printable
from tests.examples import examples
from tests.notice.letters import EN, ZH, read, squeezed, text_of

PAPERS = [(ZH, "a4", "CN"), (EN, "a4", "GB"), (EN, "a4", "DE"), (EN, "us-letter", "US"), (ZH, "us-letter", "US")]
MM = 72 / 25.4
UK = layout_for("a4", "GB")
CN = layout_for("a4", "CN")


@pytest.mark.parametrize(("letter", "paper", "country"), PAPERS)
def test_a_letter_says_all_that_it_was_given(letter, paper, country):
    layout = layout_for(paper, country)

    text = text_of(letter_pdf(letter, layout))

    said = (*letter.recipient, letter.subject, *letter.paragraphs, letter.reference, letter.code, letter.sender.name)
    lines = [cell for line in (*letter.amounts, *letter.payment) for cell in (line.label, line.value)]
    assert [each for each in (*said, *lines) if squeezed(each) not in text] == []


@pytest.mark.parametrize(("letter", "paper", "country"), PAPERS)
def test_a_letter_is_pdf_a_2b_with_its_fonts_inside(letter, paper, country):
    reader = read(letter_pdf(letter, layout_for(paper, country)))

    root = reader.trailer["/Root"]
    xmp = reader.xmp_metadata.stream.get_data().decode()
    fonts = {
        ref: descendant["/FontDescriptor"]
        for page in reader.pages
        for ref, font in page["/Resources"]["/Font"].items()
        for descendant in (each.get_object() for each in font["/DescendantFonts"])
    }
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", xmp)
    assert re.search(r"<pdfaid:conformance>B</pdfaid:conformance>", xmp)
    assert [intent["/S"] for intent in root["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert root["/OutputIntents"][0]["/DestOutputProfile"].get_data()
    assert fonts and all("/FontFile2" in each or "/FontFile3" in each for each in fonts.values())
    assert not reader.is_encrypted and "/AcroForm" not in root and "/JavaScript" not in str(root.get("/Names"))


@pytest.mark.parametrize(("letter", "paper", "country"), PAPERS)
def test_the_metadata_name_language_subject_and_sender_and_not_the_person(letter, paper, country):
    reader = read(letter_pdf(letter, layout_for(paper, country)))

    shown = str(dict(reader.metadata)) + reader.xmp_metadata.stream.get_data().decode()
    assert reader.trailer["/Root"]["/Lang"] == {"zh-CN": "zh-CN", "en": "en"}[letter.language]
    assert (reader.metadata.title, reader.metadata.author) == (letter.subject, letter.sender.name)
    assert reader.metadata.creation_date.date() == letter.on
    assert "李雷" not in shown and "Anna" not in shown


def test_the_same_letter_gives_the_same_bytes_and_another_day_others():
    first = letter_pdf(ZH, CN)

    again = letter_pdf(ZH, CN)
    later = letter_pdf(replace(ZH, on=date(2026, 11, 25)), CN)

    assert first == again
    assert first != later


@pytest.mark.parametrize("layout", load_layouts(), ids=lambda layout: layout.id)
def test_the_window_shows_all_of_the_address_and_nothing_but_it_and_the_sender(layout):
    letter = replace(EN, recipient=("Anna Brown", "14 Long Meadow Road", "Harrogate", "HG1 2AB"))
    (left, top, right, bottom), (ever_left, ever_top, ever_right, ever_bottom) = layout.seen()
    places = layout.places
    address, height = places["address"], layout.size[1]

    page = read(letter_pdf(letter, layout)).pages[0]
    runs = []
    page.extract_text(
        visitor_text=lambda text, cm, tm, font, size: runs.append(
            (squeezed(text), (cm[0] * tm[4] + cm[4]) / MM, height - (cm[3] * tm[5] + cm[5]) / MM)
        )
    )

    seen = {text for text, x, y in runs if text and ever_left < x < ever_right and ever_top < y < ever_bottom}
    may = squeezed("".join((*letter.recipient, letter.sender.name, "·", *letter.sender.address)))
    assert left <= address["x"] and address["x"] + address["width"] <= right
    assert top <= address["y"] and address["y"] + address["height"] <= bottom
    assert places["letterhead"]["y"] + 16 <= ever_top and places["body"]["top"] >= ever_bottom
    assert places["information"]["x"] >= ever_right
    assert squeezed("".join(letter.recipient)) in "".join(text for text, _, _ in runs)
    assert seen and [text for text in seen if text not in may and text not in "•·"] == []


TYPST = ["#panic()", '#read("/etc/passwd")', "*", "_", "$x^2$", "`raw`", "= ", "- ", "<label>", "@ref", "//", "/*", "\\", '"', "]", ")", "}", "~", "李", "张"]  # fmt: skip


@examples(10)
@given(
    name=st.lists(
        st.one_of(st.sampled_from(TYPST), st.text("abcXYZ019 .,-'&%{}[]()", max_size=6)), min_size=1, max_size=5
    ),
    text=st.text([chr(code) for code in range(0x21, 0x7F)], min_size=1, max_size=60),
)
def test_what_looks_like_typst_in_a_name_or_a_text_is_printed_as_it_stands(name, text):
    called = "".join(name)
    letter = replace(EN, recipient=(called, "1 Sample Street"), paragraphs=(text,), reference=called)

    printed = text_of(letter_pdf(letter, UK))

    assert squeezed(called) in printed
    assert squeezed(text) in printed


@pytest.mark.parametrize("letter", [ZH, EN], ids=["zh", "en"])
def test_every_character_that_counts_as_printable_is_printed(letter):
    regular, bold = (
        [sign for code in sorted(printable(bold)) if (sign := chr(code)) == unicodedata.normalize("NFC", sign)]
        for bold in (False, True)
    )
    rows = tuple(Line(" ".join(bold[start : start + 300]), "1", total=True) for start in range(0, len(bold), 300))
    paragraphs = tuple(" ".join(regular[start : start + 300]) for start in range(0, len(regular), 300))

    pdf = letter_pdf(
        replace(letter, paragraphs=paragraphs, amounts=rows), CN
    )  # PDF/A: Typst refuses a glyph that is not there

    assert len(regular) > 8105 < len(bold)
    assert page_count(pdf) > 10


def test_rare_characters_of_names_are_printed():
    letter = replace(ZH, recipient=("北京市西城区金融大街 27 号", "王䶮（收）", "陈𬱖（收）", "朱镕喆（收）"))

    assert all(name in text_of(letter_pdf(letter, CN)) for name in ("王䶮", "陈𬱖", "朱镕喆"))


@pytest.mark.parametrize(
    ("changed", "part", "point"),
    [
        ({"recipient": ("𠮷田太郎", "1 Sample Street")}, "recipient", "U+20BB7"),
        ({"paragraphs": ("well \N{GRINNING FACE}",)}, "text", "U+1F600"),
        ({"subject": "bell \x07"}, "subject", "U+0007"),
        ({"paragraphs": ("left \u202e right",)}, "text", "U+202E"),
    ],
)
def test_a_character_that_cannot_be_printed_refuses_the_letter_and_names_only_its_code_point(changed, part, point):
    letter = replace(EN, **changed)

    with pytest.raises(Refusal) as refusal:
        letter_pdf(letter, UK)

    (finding,) = refusal.value.findings
    assert (finding.code, finding.field) == ("character_not_in_font", part)
    assert point in str(refusal.value) and "田" not in str(refusal.value)


def test_a_long_address_is_set_smaller_and_one_that_does_not_fit_is_refused():
    long = (
        "Ms Anna Brown",
        "Flat 2, The Old Brewery Courtyard",
        "Long Meadow Road",
        "Upper Harrogate",
        "North Yorkshire",
        "HG1 2AB",
    )
    longer = (*long, "Second Floor", "Rear Entrance", "Past the Gate", "Left Hand Door")

    text = text_of(letter_pdf(replace(EN, recipient=long), UK))
    with pytest.raises(Refusal) as refusal:
        letter_pdf(replace(EN, recipient=longer), UK)

    assert squeezed("".join(long)) in text
    assert refusal.value.findings[0].code == "address_does_not_fit"
    assert "Brewery" not in str(refusal.value)


def test_each_letter_of_many_counts_its_own_pages():
    long = replace(EN, paragraphs=EN.paragraphs + ("The same again. " * 60,) * 3)

    pdf = letters_pdf([EN, long, replace(ZH, language="zh-CN")], UK)

    shown = [squeezed(page.extract_text()) for page in read(pdf).pages]
    told = [re.search(r"Page\d+of\d+|第\d+页，共\d+页", text).group() for text in shown]
    assert told == ["Page1of1", "Page1of2", "Page2of2", "第1页，共1页"]
    assert page_count(pdf) == len(shown) == 4


def test_many_letters_are_counted_right():
    pdf = letters_pdf([EN] * 40, UK)

    assert page_count(pdf) == len(read(pdf).pages) == 40


def test_an_envelope_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(Refusal) as refusal:
        layout_for("us-letter", "CN")

    assert "us-letter for US, CA" in str(refusal.value)


def test_an_installation_brings_its_own_envelopes_in_the_same_form(tmp_path):
    own = yaml.safe_load(files("arrears.notice.paper").joinpath("layouts.yaml").read_text("utf-8"))["zl-cn"]
    own["address"]["x"] = 30
    good, bad = tmp_path / "own.yaml", tmp_path / "bad.yaml"
    good.write_text(yaml.safe_dump({"own": own}), "utf-8")
    bad.write_text(yaml.safe_dump({"own": {**own, "windows": 1}}), "utf-8")

    layout = layout_for("a4", "CN", load_layouts(good))
    with pytest.raises(Refusal) as refusal:
        load_layouts(bad)

    assert (layout.id, layout.places["address"]["x"]) == ("own", 30)
    assert refusal.value.findings[0].field == "own"
