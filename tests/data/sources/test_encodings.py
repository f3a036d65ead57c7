"""Guessed encodings: right on usual texts, told as guesses, and never a reason to read a line wrongly in silence."""

from __future__ import annotations

import codecs
import io
import sys
from pathlib import Path

import pytest

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.encodings import guess_encoding
from seatrial.data.sources.facts import SourceFacts
from seatrial.data.sources.read import read_rows
from seatrial.records import Row
from seatrial.spec.data import Source

TEXTS = {
    "cp1252": "La qualité est médiocre et le délai de livraison était très long. J’ai été déçue par ce produit.",
    "cp1250": "Bardzo dobra jakość, polecam każdemu. Przesyłka dotarła szybko, choć pudełko było zgniecione.",
    "cp1251": "Отличный товар, пришёл быстро, упаковка целая. Качество хорошее, рекомендую всем покупателям.",
    "koi8_r": "Отличный товар, пришёл быстро, упаковка целая. Качество хорошее, рекомендую всем покупателям.",
    "cp1253": "Πολύ καλό προϊόν, η παράδοση ήταν γρήγορη και η συσκευασία άψογη. Το συνιστώ ανεπιφύλακτα.",
    "cp1256": "المنتج ممتاز ووصل بسرعة كبيرة. الجودة رائعة والسعر مناسب جدا، أنصح الجميع بالشراء.",
    "cp932": "この商品はとても良いです。配送も早くて、梱包も丁寧でした。また機会があれば購入したいと思います。",
    "euc_jp": "この商品はとても良いです。配送も早くて、梱包も丁寧でした。また機会があれば購入したいと思います。",
    "cp949": "상품이 아주 좋습니다. 배송도 빠르고 포장도 꼼꼼했어요. 다음에도 또 구매하고 싶습니다.",
    "gb18030": "这个商品非常好，物流很快，包装也很仔细。下次还会再来购买，推荐给大家。",
    "big5": "這個商品非常好，物流很快，包裝也很仔細。下次還會再來購買，推薦給大家。",
    "utf-16-le": "Plain words without a mark, ünd möre.",
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_usual_texts(encoding: str) -> None:
    content = f"id,text\n1,{TEXTS[encoding]}\n".encode(encoding)
    guess = guess_encoding(io.BytesIO(content))
    assert content.decode(guess.encoding) == content.decode(encoding)
    assert not guess.sure
    assert guess.sample


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        (b"", "utf-8"),
        ("müde".encode(), "utf-8"),
        (codecs.BOM_UTF8 + b"a", "utf-8"),
        ("a".encode("utf-16"), "utf-16"),
        ("a".encode("utf-32"), "utf-32"),
    ],
)
def test_what_the_bytes_prove(content: bytes, encoding: str) -> None:
    guess = guess_encoding(io.BytesIO(content))
    assert (guess.encoding, guess.sure) == (encoding, True)


def test_a_character_cut_by_the_end_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seatrial.data.sources.encodings.SAMPLE_BYTES", 4)
    assert guess_encoding(io.BytesIO("abcü".encode())).encoding == "utf-8"


def test_each_file_has_its_own_and_the_report_says_which(tmp_path: Path) -> None:
    for name, encoding in (("a.tsv", "cp1251"), ("b.tsv", "utf-8"), ("c.tsv", "gb18030")):
        (tmp_path / name).write_bytes(f"text\n{TEXTS.get(encoding, 'müde')}\n".encode(encoding))
    facts = SourceFacts()
    source = Source(name="s", path="*.tsv", encoding="auto")
    rows = list(read_rows(source, root=tmp_path, max_row_bytes=1000, where="w", facts=facts))
    assert [row.values["text"] for row in rows if isinstance(row, Row)] == [TEXTS["cp1251"], "müde", TEXTS["gb18030"]]
    told = facts.as_dict()["encoding"]
    assert "a.tsv read as cp1251 (a guess, right if this word is: Отличный)" in told
    assert "b.tsv read as utf-8;" in told


@pytest.mark.parametrize("before", [10, 50])  # within the sample, and after it
def test_a_line_that_is_not_in_the_guessed_encoding_is_a_bad_row(
    tmp_path: Path, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seatrial.data.sources.encodings.SAMPLE_BYTES", 200)
    lines = [b"text"] + ["grün".encode()] * before + [b"gr\xfcn"]
    (tmp_path / "a.csv").write_bytes(b"\n".join(lines))
    source = Source(name="s", path="a.csv", encoding="auto")
    *_, last = read_rows(source, root=tmp_path, max_row_bytes=1000, where="w")
    assert isinstance(last, BadRow)
    assert last.reason == "not utf-8"


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252", "cp1251"])
def test_a_stray_byte_costs_its_line_and_changes_no_other(tmp_path: Path, encoding: str) -> None:
    lines = [
        b"text",
        *[TEXTS[encoding].encode(encoding)] * 20,
        b"torn \xff\xff \x81" + TEXTS[encoding].encode(encoding),
    ]
    (tmp_path / "a.tsv").write_bytes(b"\n".join(lines))
    source = Source(name="s", path="a.tsv", encoding="auto")
    rows = list(read_rows(source, root=tmp_path, max_row_bytes=1000, where="w"))
    assert {row.values["text"] for row in rows[:-1] if isinstance(row, Row)} == {TEXTS[encoding]}
    assert len(rows) == 21


@pytest.mark.parametrize("share", [1, 9, 19])
def test_a_file_in_two_encodings_is_read_as_utf8_so_that_no_text_comes_out_wrong(share: int) -> None:
    text = TEXTS["cp1252"]
    lines = [text.encode("cp1252")] * (20 - share) + [text.encode()] * share
    assert guess_encoding(io.BytesIO(b"\n".join(lines))).encoding == "utf-8"


@pytest.mark.parametrize(("text", "encoding"), [("Да, это так и есть", "cp1251"), ("größer, schöner", "cp1252")])
def test_without_statistics_only_western_text_is_taken_for_it(
    text: str, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "charset_normalizer", None)
    found = guess_encoding(io.BytesIO(f"id,text\n1,{text}\n".encode(encoding))).encoding
    assert found == ("cp1252" if encoding == "cp1252" else "utf-8")
