"""Letters of the tests: one in each language, and what can be read of a PDF."""

import io
from datetime import date

from pypdf import PdfReader

from arrears.notice.paper import Letter, Letterhead, Line, amounts_from

ZH = Letter(
    language="zh-CN",
    on=date(2026, 11, 24),
    sender=Letterhead("示例消费金融有限公司", "400-800-1234", "www.example-finance.cn", ("北京市西城区金融大街 1 号",)),
    recipient=("100033", "北京市西城区金融大街 27 号投资广场 B 座 1203 室", "李雷（收）"),
    reference="A-2025-001834",
    subject="逾期提醒：请于 2026 年 12 月 5 日前还款",
    paragraphs=(
        "李雷先生：",
        "您在我司的消费贷款（编号 A-2025-001834）截至 2026 年 11 月 24 日已逾期 46 天，应还合计 6,482.37 元，明细见下表。",
        "如您已还款，请忽略本函。如您目前还款有困难，请致电 400-800-1234，我们可以与您商定分期还款方案。",
    ),
    code="7K3M-9QXT-R2",
    qr="https://www.example-finance.cn/v/7K3M9QXTR2",
    amounts=amounts_from(
        {"due_fee": "0.00 元", "due_penalty": "212.37 元", "due_interest": "570.00 元", "due_principal": "5,700.00 元",
         "due_total": "6,482.37 元"}, "zh",
    ),
    payment=(Line("户名", "示例消费金融有限公司"), Line("账号", "1100 0000 0000 0000 123")),
)  # fmt: skip

EN = Letter(
    language="en",
    on=date(2026, 11, 24),
    sender=Letterhead(
        "Example Consumer Finance", "0800 123 4567", "www.example-finance.com", ("1 Sample Street", "London EC1A 1AA")
    ),
    recipient=("Ms Anna Wałęsa-Brown", "14 Long Meadow Road", "Harrogate", "HG1 2AB"),
    reference="A-2025-001834",
    subject="Your loan: 46 days past due, and how we can help",
    paragraphs=(
        "Dear Ms Wałęsa-Brown,",
        "Your loan A-2025-001834 is 46 days past due as of 24 November 2026. The total due today is GBP 648.23; the table below shows what it is made of.",
        "If you have paid already, please ignore this letter. If you are finding it hard to pay, call us: we can agree a plan with you that you can afford.",
    ),
    code="7K3M-9QXT-R2",
    qr="https://www.example-finance.com/v/7K3M9QXTR2",
    amounts=amounts_from({"due_interest": "£57.00", "due_principal": "£591.23", "due_total": "£648.23"}, "en"),
    payment=(Line("Sort code", "00-00-00"), Line("Account number", "01234567")),
)


def read(pdf):
    """The PDF, opened by a reader that is not ours."""
    return PdfReader(io.BytesIO(pdf))


def squeezed(text):
    """Text without white space, which a PDF does not keep."""
    return "".join(text.split())


def text_of(pdf):
    """All text of a PDF, squeezed."""
    return squeezed("".join(page.extract_text() for page in read(pdf).pages))
