"""The playground's functions that know no page, called in the browser: CSV, tables, waiting, requests in pieces."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

SPECIAL = ['"', ",", ";", "\n", "\r\n", "\t", " ", "|", "é", "漢", "😀", "a", "=", "'", ""]


def parse(functions: Page, text: str, delimiter: str = ",") -> Any:
    return functions.evaluate("([text, delimiter]) => parseDelimited(text, delimiter)", [text, delimiter])


def table(functions: Page, name: str, text: str, header: bool | None = None) -> Any:
    return functions.evaluate("([name, text, header]) => parseTable(name, text, header)", [name, text, header])


def test_cells_with_quotes_delimiters_and_line_breaks(functions: Page) -> None:
    text = 'id,text\r\n1,"a ""quoted"", cell\nwith two lines"\r\n\r\n2,plain "as is"\r\n3,""'
    assert parse(functions, text) == {
        "records": [["id", "text"], ["1", 'a "quoted", cell\nwith two lines'], ["2", 'plain "as is"'], ["3", ""]],
        "open": False,
    }
    assert parse(functions, 'a,"b\nc')["open"] is True


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_python_writes_is_read_back_and_the_other_way_round(functions: Page, delimiter: str) -> None:
    seed = 3
    print("seed", seed)
    dice = random.Random(seed)
    records = [["x" + "".join(dice.choices(SPECIAL, k=dice.randrange(6))) for _ in range(3)] for _ in range(200)]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(records)
    assert parse(functions, written.getvalue(), delimiter)["records"] == records
    ours = functions.evaluate("([records, d]) => writeDelimited(records, d)", [records, delimiter])
    assert list(csv.reader(io.StringIO(ours["text"], newline=""), delimiter=delimiter)) == records


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n3,1;4,0\n", ";"),
        ("a\tb\n1, 2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('text,n\n"one; two; three",1\n"four; five",2\n', ","),
        ("Well, this is one text\nand this is another\nNo, really, it is\n", ""),
        ("single\nlines\n", ""),
    ],
)
def test_the_delimiter_is_guessed(functions: Page, text: str, delimiter: str) -> None:
    assert functions.evaluate("guessDelimiter", text) == delimiter


def test_header_and_column_of_texts_are_guessed(functions: Page) -> None:
    named = table(functions, "a.csv", "id,comment\n1,nice day\n2,bad day\n")
    assert (named["columns"], named["hasHeader"], len(named["rows"])) == (["id", "comment"], True, 2)
    assert functions.evaluate("guessTextColumn", named) == 1
    bare = table(functions, "a.csv", "1,what a nice day.\n2,short\n")
    assert (bare["columns"], bare["hasHeader"]) == (["column 1", "column 2"], False)
    assert functions.evaluate("guessTextColumn", bare) == 1
    assert table(functions, "a.csv", "1,what a nice day.\n2,short\n", True)["columns"] == ["1", "what a nice day."]
    ragged = table(functions, "a.tsv", "id\tid\n1\t2\t3\n", True)
    assert ragged["columns"] == ["id", "id 2", "column 3"]
    assert ragged["rows"] == [["1", "2", "3"]]


def test_lines_json_lines_and_a_json_array(functions: Page) -> None:
    assert table(functions, "a.txt", "one, two\r\n\r\nthree\n")["rows"] == [["one, two"], ["three"]]
    lines = table(functions, "a.jsonl", '{"text": "a", "n": 1}\n"b"\n{"other": null}\n')
    assert lines["columns"] == ["text", "n", "other"]
    assert lines["rows"] == [["a", "1", ""], ["b", "", ""], ["", "", ""]]
    assert table(functions, "a.json", '[{"text": "a"}, "b"]')["rows"] == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "The file holds no text."),
        ("a.csv", "id,text\n", "a header and no rows"),
        ("a.jsonl", '{"a": 1}\n{', "Line 2 is not JSON."),
        ("a.json", "[1]", "Item 1 is neither a text nor an object."),
        ("a.txt", "\n".join("x" * 1 for _ in range(100_001)), "more than 100,000 rows"),
    ],
)
def test_files_that_cannot_be_used_say_why(functions: Page, name: str, text: str, message: str) -> None:
    told = functions.evaluate("([n, t]) => { try { parseTable(n, t) } catch (e) { return e.message } }", [name, text])
    assert message in told


def test_a_quote_that_never_ends_is_an_ordinary_character(functions: Page) -> None:
    got = table(functions, "a.tsv", 'id\ttext\n1\t"unfinished\n2\tnice\n')
    assert got["rows"] == [["1", '"unfinished'], ["2", "nice"]]
    assert "never closed" in got["note"]


def test_bytes_of_several_alphabets(functions: Page) -> None:
    read = "bytes => { const { text, bom, note } = decoded(new Uint8Array(bytes)); return [text, bom, note !== ''] }"
    assert functions.evaluate(read, list("é漢".encode())) == ["é漢", False, False]
    assert functions.evaluate(read, list("é漢".encode("utf-8-sig"))) == ["é漢", True, False]
    assert functions.evaluate(read, list("é漢".encode("utf-16"))) == ["é漢", True, False]
    assert functions.evaluate(read, list("café".encode("cp1252"))) == ["café", False, True]
    assert functions.evaluate(read, list("评论,标签\n今天天气真好！".encode("gbk"))) == [
        "评论,标签\n今天天气真好！",
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("naïve café, très élégant; où est-ce?", "windows-1252"),
        ("Größe: äußerst übel", "windows-1252"),
        ("服务很好，房间干净。\nnice, 也不贵", "gb18030"),
        ("плохо, очень плохо", "windows-1251"),
    ],
)
def test_chinese_is_told_from_other_alphabets(functions: Page, text: str, encoding: str) -> None:
    guessed = functions.evaluate("bytes => guessEncoding(new Uint8Array(bytes))", list(text.encode(encoding)))
    assert (guessed == "gb18030") == (encoding == "gb18030")
    read = "([bytes, encoding]) => decoded(new Uint8Array(bytes), encoding).text"
    assert functions.evaluate(read, [list(text.encode(encoding)), encoding]) == text


def test_every_encoding_that_can_be_chosen_is_one_that_the_browser_knows(functions: Page) -> None:
    known = functions.evaluate("ENCODINGS.map(([value]) => new TextDecoder(value).encoding === value)")
    assert len(known) > 10
    assert all(known)


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04\x14\x00\x06\x00", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"a,b\n1,\x00"]
)
def test_what_is_not_text_is_refused(functions: Page, start: bytes) -> None:
    read = "bytes => { try { decoded(new Uint8Array(bytes)) } catch (error) { return error.message } }"
    assert "The file is not text" in functions.evaluate(read, list(start))


def test_formulas_are_neutralised_and_numbers_are_not(functions: Page) -> None:
    cells = ["=1+1", "+A1", "-cmd|x", "@sum", "\tx", "-5", "+1.5e3", "fine", "a=b", "-"]
    assert functions.evaluate("cells => cells.map(neutral)", cells) == [
        *("'=1+1", "'+A1", "'-cmd|x", "'@sum", "'\tx"),
        *("-5", "+1.5e3", "fine", "a=b", "'-"),
    ]
    written = functions.evaluate("cells => writeDelimited([cells], ',')", cells)
    assert written["neutralised"] == 6


def test_added_columns_have_names_of_their_own(functions: Page) -> None:
    made = functions.evaluate(
        """() => labelled('my.file.csv', parseTable('a.csv', 'label,text\\nold,nice\\nold,'),
        [{label: 'good', score: 0.75, scores: {bad: 0.25, good: 0.75}}, {fault: 'empty'}], ['bad', 'good'])"""
    )
    assert made["name"] == "my.file.answers.csv"
    assert list(csv.reader(io.StringIO(made["text"]))) == [
        ["label", "text", "label 2", "score", "score bad", "score good", "error"],
        ["old", "nice", "good", "0.75", "0.25", "0.75", ""],
        ["old", "", "", "", "", "", "empty"],
    ]


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), (" 0 ", 0), ("Thu, 01 Jan 1970 00:00:09 GMT", 9), ("soon", None), (None, None)]
)
def test_both_forms_of_retry_after(functions: Page, header: str | None, seconds: int | None) -> None:
    assert functions.evaluate("header => retryAfterS(header, 0)", header) == seconds


RUN = """async ([count, size, refusals]) => {
  const texts = Array.from({ length: count }, (_, i) => `t${i}`);
  const sent = [], waits = [];
  let open = 0, most = 0;
  const send = async (some) => {
    sent.push(some.length);
    most = Math.max(most, (open += 1));
    await new Promise((done) => setTimeout(done, 1));
    open -= 1;
    const refusal = refusals.shift();
    if (refusal) throw new Refused(...refusal);
    if (some.length > 4) throw new Refused(413, 'too large');
    const bad = some.indexOf('t5');
    if (bad >= 0) throw new Refused(422, `inputs[${bad}] is odd`);
    return some.map((text) => ({ label: text }));
  };
  let nowMs = 0; // a clock that only the waiting moves on
  performance.now = () => nowMs;
  const wait = async (ms) => {
    waits.push(ms / 1000);
    nowMs += ms;
  };
  const answers = new Array(count).fill(null);
  let failure = null;
  try { await answerAll(texts, { send, size, wait, answers }); } catch (error) { failure = error.status; }
  delete performance.now;
  return { answers, sent, waits, most, failure };
}"""


def run(functions: Page, count: int, size: int, refusals: list[list[object]]) -> Any:
    return functions.evaluate(RUN, [count, size, refusals])


def test_texts_go_in_pieces_two_at_a_time(functions: Page) -> None:
    got = run(functions, 5, 2, [])
    assert [answer["label"] for answer in got["answers"]] == ["t0", "t1", "t2", "t3", "t4"]
    assert (sorted(got["sent"]), got["most"]) == ([1, 2, 2], 2)


def test_one_unusable_text_does_not_stop_the_others(functions: Page) -> None:
    got = run(functions, 9, 3, [])
    assert got["answers"][5] == {"fault": "is odd"}
    assert [answer.get("label") for answer in got["answers"]] == [f"t{i}" if i != 5 else None for i in range(9)]


def test_a_request_that_is_too_large_is_halved(functions: Page) -> None:
    got = run(functions, 5, 5, [])
    assert got["sent"] == [5, 2, 3]
    assert None not in got["answers"]


def test_waits_as_long_as_it_is_told_and_goes_on(functions: Page) -> None:
    got = run(functions, 4, 4, [[429, "rate", "", 7], [503, "busy", "", None], [0, "gone"]])
    assert got["waits"] == [7, 2, 4]  # without a header it doubles from attempt to attempt
    assert [answer["label"] for answer in got["answers"]] == ["t0", "t1", "t2", "t3"]


def test_what_waiting_does_not_cure_stops_and_keeps_the_rest(functions: Page) -> None:
    got = run(functions, 4, 2, [None, [401, "no"]])
    assert got["failure"] == 401
    assert [answer is None for answer in got["answers"]] == [False, False, True, True]
    endless = run(functions, 1, 1, [[0, "gone"]] * 20)
    assert (endless["failure"], len(endless["sent"])) == (0, 7)


def test_similarities(functions: Page) -> None:
    matrix = functions.evaluate("cosines([[1, 0], [0, 2], [3, 4], [0, 0]])")
    assert json.loads(json.dumps(matrix))[2] == pytest.approx([0.6, 0.8, 1.0, 0.0])
    assert functions.evaluate("m => closest(m)", matrix) == [1, 2, pytest.approx(0.8)]
