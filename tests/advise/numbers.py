"""What a text tells, whatever its language: days, hours, amounts, numbers in figures and in words, and the names of bodies and things."""

import re
from datetime import date

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]  # fmt: skip
#: Numbers in words that count days, years, people and the like. One and two are left out: both languages use them for other things.
ENGLISH = {
    "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
CHINESE = {"三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
COUNTED = "日|天|年|个月|期|人|名|次|部门|种|件|类"
#: Names that stand in both languages or in neither.
NAMES = {
    "微信": "WeChat", "支付宝": "Alipay", "人民银行": "People's Bank", "国家金融监督管理总局": "National Financial Regulatory Administration",
    "银行业协会": "banking association", "国家标准": "national standard", "法律援助": "[Ll]egal aid", "法院": "[Cc]ourt", "支付令": "payment order",
    "罚息": "[Pp]enalt", "卡": "card", "公证": "notary", "平台": "platform", "保证人": "guarantor", "小额诉讼": "small-claims",
    "失信名单": "defaulters' list", "人民调解委员会": "mediation committee", "公安": "[Pp]olice",
}  # fmt: skip


def told(text):
    """The days, hours, and amounts, percentages and numbers of a text."""
    days, clock = set(), set()

    def day(year, month, on):
        days.add(date(int(year), int(month), int(on)))
        return " "

    text = re.sub(r"(\d{4})年(\d{1,2})月(\d{1,2})日", lambda m: day(*m.groups()), text)
    text = re.sub(r"(\d{4})-(\d\d)-(\d\d)", lambda m: day(*m.groups()), text)
    months = "|".join(MONTHS)
    text = re.sub(rf"(\d{{1,2}}) ({months}) (\d{{4}})", lambda m: day(m[3], MONTHS.index(m[2]) + 1, m[1]), text)
    text = re.sub(rf"({months}) (\d{{1,2}}), (\d{{4}})", lambda m: day(m[3], MONTHS.index(m[1]) + 1, m[2]), text)
    text = re.sub(r"(\d{1,2}):(\d\d)", lambda m: clock.add((int(m[1]), int(m[2]))) or " ", text)
    figures = {number.replace(",", "") for number in re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)}
    return days, clock, figures | {str(number) for number in in_words(text)}


def in_words(text):
    """The numbers that are written out and count something, three or more."""
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in ENGLISH:
            yield ENGLISH[word]
    for tens, ones in re.findall(rf"(?<!第)([二三四五六七八九]?十)?([三四五六七八九]?)(?={COUNTED})", text):
        value = (CHINESE.get(tens[0], 2 if tens[0] == "二" else 1) * 10 if tens else 0) + CHINESE.get(ones, 0)
        if value >= min(ENGLISH.values()):
            yield value


def names_missing(chinese, english):
    """Names that stand in one language and not in the other."""
    return [name for name, other in NAMES.items() if (name in chinese) is not (re.search(other, english) is not None)]
