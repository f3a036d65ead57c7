"""Texts with personal data whose places are known: templates in English and Chinese, filled by Faker, seeded.

Two sets of templates: one to develop on, one that was only ever measured. Values that Faker makes without a check digit
(identity numbers of Taiwan and Hong Kong, VAT numbers, secrets) are made here. Refuses to know: Seatrial.
"""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from faker import Faker

__all__ = ["PATTERNED", "Gold", "generated"]

PATTERNED = ("email", "phone", "url", "ip", "card", "iban", "secret", "id-cn", "id-tw", "id-hk", "us-ssn", "eu-vat")
EN_DEVELOP = (
    "Hi, my name is {name} and my email is {email}.",
    "Please call {name} at {phone} before Friday.",
    "The parcel for {name} goes to {address}.",
    "She paid with card {card}, then left for Paris.",
    "Transfer 200 EUR to {iban} by Monday, reference 20261.",
    "SSN: {us-ssn}. Applicant: {name}.",
    "The server {ip} went down after {email} logged in.",
    "Read {url} before the meeting, it is short.",
    "export API_KEY={secret}",
    "Invoice for VAT number {eu-vat}, 14 units, 2024-05-01.",
    "Dear {name}, thank you for order 123456789.",
    "I met {name} in Boston; the weather was great.",
    "We moved to {address} last year.",
    "Room 1204, extension 33, floor 2: nothing else is known.",
    "The Great Wall of China opened at 9:30 on Good Friday.",
)
EN_HELD_OUT = (
    "{name} <{email}> wrote: see you there",
    "Contact our agent {name} on {phone} or visit {url}",
    "Ship it to:\n{address}\nThanks!",
    "Charge {card} (exp 12/27) for the room.",
    "My account {iban} was closed by the bank in 2019.",
    "social security number {us-ssn} belongs to {name}",
    "Connections from {ip} were refused 4,512 times.",
    "token: {secret} expires on 2027-01-31",
    "Our VAT ID is {eu-vat}.",
    "According to {name}, sales rose by 12.5 percent in the first quarter.",
    "Witnesses said {name} lived at {address} for ten years.",
    "Fax {phone}; mail {email}",
    "Part no. 4520-8871-22, serial 0099812, version 2.10.4 of the manual.",
    "Mount Everest is 8,848 metres high and New Year is on January 1.",
)
ZH_DEVELOP = (
    "我叫{name}，邮箱是{email}。",
    "请在周五前打电话给{name}，号码{phone}。",
    "收件人：{name}，地址：{address}。",
    "她用银行卡{card}付了款，然后去了上海。",
    "身份证号码：{id}，姓名：{name}",
    "服务器{ip}昨晚宕机了，请看{url}",
    "密码是{secret}，请不要告诉别人。",
    "{name}说这家酒店的早餐很好。",
    "我们去年搬到了{address}，孩子很高兴。",
    "患者{name}于2024年5月1日入院，床号12。",
    "这本书写得很好，看了三遍，一共320页。",
    "高考成绩于6月25日公布，平均分512.5。",
)
ZH_HELD_OUT = (
    "{name}先生您好，您的订单20261103已发货。",
    "如有问题请联系{name}（{phone}）或发邮件到{email}",
    "快递请寄到{address}，谢谢",
    "卡号{card}，有效期12/27",
    "申请人{name}，证件号{id}，已通过审核。",
    "据{name}介绍，今年的产量增加了一成。",
    "访问来自{ip}，链接{url}已失效",
    "他的老同学{name}也来了。",
    "房子在{address}，离地铁站五百米。",
    "token={secret} 三天后过期",
    "会议从9:30到11:00，地点在三楼大厅，时间安排方便。",
    "从北京到广州的高铁票价862元，全程2298公里。",
)

TRADITIONAL = str.maketrans(
    "号码请发务这书说岁话达么时个见后与产还过们门开关长东车问题来对进从样给让听认识谢联系邮订单证据绍经应员",
    "號碼請發務這書說歲話達麼時個見後與產還過們門開關長東車問題來對進從樣給讓聽認識謝聯繫郵訂單證據紹經應員",
)
"""The characters of the templates that Taiwan writes differently."""


@dataclass(frozen=True)
class Gold:
    """A text and what is in it: (start, end, entity)."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    language: str


def generated(count: int, seed: int, *, held_out: bool) -> Iterator[Gold]:
    """Texts in English, simplified and traditional Chinese, by turns.

    Args:
        count: how many.
        seed: of values and templates.
        held_out: which templates.
    """
    draw = random.Random(seed)
    fakers = {locale: Faker(locale) for locale in ("en_US", "zh_CN", "zh_TW")}
    for place, fake in enumerate(fakers.values()):
        fake.seed_instance(seed + place)
    for number in range(count):
        locale = ("en_US", "zh_CN", "en_US", "zh_TW")[number % 4]
        english = locale == "en_US"
        templates = (EN_HELD_OUT if held_out else EN_DEVELOP) if english else (ZH_HELD_OUT if held_out else ZH_DEVELOP)
        template = draw.choice(templates)
        if locale == "zh_TW":
            template = template.translate(TRADITIONAL)
        yield _filled(template, fakers[locale], locale, draw)


def _filled(template: str, fake: Faker, locale: str, draw: random.Random) -> Gold:
    text = ""
    spans = []
    for literal, field, _, _ in string.Formatter().parse(template):
        text += literal
        if field:
            entity, value = _value(field, fake, locale, draw)
            spans.append((len(text), len(text) + len(value), entity))
            text += value
    return Gold(text, tuple(spans), locale)


def _value(field: str, fake: Faker, locale: str, draw: random.Random) -> tuple[str, str]:
    makers: dict[str, Callable[[], str]] = {
        "name": lambda: f"{fake.first_name()} {fake.last_name()}" if locale == "en_US" else fake.name(),
        "email": fake.email,
        "phone": fake.phone_number,
        "url": fake.url,
        "ip": lambda: fake.ipv4() if draw.random() < 0.7 else fake.ipv6(),
        "card": lambda: _card(fake, draw),
        "iban": lambda: _grouped(fake.iban(), draw),
        "us-ssn": fake.ssn,
        "address": fake.address,
        "secret": lambda: _secret(draw),
        "eu-vat": lambda: _vat(draw),
    }
    if field != "id":
        return field, makers[field]()
    if locale == "zh_CN":
        return "id-cn", fake.ssn()
    return ("id-tw", fake.ssn()) if draw.random() < 0.6 else ("id-hk", _hong_kong(draw))


def _card(fake: Faker, draw: random.Random) -> str:
    number = fake.credit_card_number()
    sign = draw.choice(["", "", " ", "-"])
    return number if len(number) != 16 else sign.join(number[place : place + 4] for place in range(0, 16, 4))


def _grouped(number: str, draw: random.Random) -> str:
    return number if draw.random() < 0.5 else " ".join(number[place : place + 4] for place in range(0, len(number), 4))


def _secret(draw: random.Random) -> str:
    letters = string.ascii_letters + string.digits
    prefix, length = draw.choice([("ghp_", 36), ("AKIA", 16), ("sk_live_", 24), ("", 24), ("", 32), ("xoxb-", 40)])
    return prefix + "".join(draw.choices(letters.upper() if prefix == "AKIA" else letters, k=length))


def _hong_kong(draw: random.Random) -> str:
    letter, digits = draw.choice(string.ascii_uppercase), [draw.randrange(10) for _ in range(6)]
    total = 36 * 9 + (ord(letter) - 55) * 8 + sum(w * d for w, d in zip(range(7, 1, -1), digits, strict=True))
    check = -total % 11
    return f"{letter}{''.join(map(str, digits))}({'A' if check == 10 else check})"


def _vat(draw: random.Random) -> str:
    """German ones, by ISO 7064 Mod 11, 10, and Belgian ones, by Mod 97."""
    if draw.random() < 0.5:
        head = draw.randrange(2_000_000, 10_000_000)
        return f"BE0{head}{97 - head % 97:02}"
    digits = [draw.randrange(1, 10), *(draw.randrange(10) for _ in range(7))]
    product = 10
    for digit in digits:
        product = (digit + product) % 10 * 2 % 11 if (digit + product) % 10 else 20 % 11
    return f"DE{''.join(map(str, digits))}{(11 - product) % 10}"
