"""Many texts: lines and files, progress, cancelling, waiting, and the file to take away."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .patience import expect, hold_requests, let_pass, stop_clock, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response, Route


def choose(page: Page, name: str, content: str | bytes) -> None:
    page.get_by_label("File", exact=True).check()
    data = content if isinstance(content, bytes) else content.encode()
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": data})
    page.locator("#file-facts, #file-error:not(:empty)").first.wait_for()


def saved(page: Page) -> tuple[str, str]:
    """Name and content of the file that a click saves."""
    with page.expect_download() as download:
        page.locator("#download").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes().decode()


def answered(page: Page) -> list[int]:
    """How many texts each request had that was answered from now on; a busy service refuses some, which come again."""
    sizes: list[int] = []

    def heard(response: Response) -> None:
        if response.request.method == "POST" and response.status == 200:
            sizes.append(len(json.loads(response.request.post_data or "")["inputs"]))

    page.on("response", heard)
    return sizes


def thousand() -> list[list[str]]:
    rows = [[str(i), f'{"good" if i % 3 else "bad"} "day", number\n{i}'] for i in range(1000)]
    rows[7][1] = "=HYPERLINK(1) good"
    rows[8][1] = "   "
    return [["id", "comment"], *rows]


def test_a_thousand_rows_go_in_and_come_back_labelled(page: Page) -> None:
    content = io.StringIO()
    csv.writer(content).writerows(thousand())
    sizes = answered(page)
    choose(page, "thousand.csv", content.getvalue())
    expect(page.locator("#file-form")).to_have_text("1,000 rows · 2 columns between commas")
    expect(page.locator("#column")).to_have_value("1")
    expect(page.locator("#go")).to_have_text(re.compile("^Classify 1,000 texts"))
    page.locator("#go").click()
    page.locator("#download").wait_for()
    assert max(sizes) <= 32
    assert sum(sizes) == 999
    expect(page.locator("tbody tr")).to_have_count(100)
    expect(page.locator(".remark")).to_contain_text("1 text could not be used.")
    expect(page.locator(".counts dd:not(.drawn)")).to_have_text(["334 · 33.4 %", "665 · 66.6 %"])
    expect(page.locator("#answered")).to_have_text(re.compile("^1,000 texts in "))
    name, text = saved(page)
    assert name == "thousand.answers.csv"
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(rows[0]) == ["id", "comment", "label", "score", "score bad", "score good", "error"]
    expected = [*("good" if i % 3 else "bad" for i in range(1000))]
    assert [row["label"] for row in rows] == [*expected[:8], "", *expected[9:]]
    assert rows[8]["error"] == "empty"
    assert rows[7]["comment"] == "'=HYPERLINK(1) good"
    assert [row["comment"] for row in rows[9:]] == [row[1] for row in thousand()[10:]]
    assert float(rows[1]["score good"]) == float(rows[1]["score"]) > 0.9
    expect(page.locator("#result > p").last).to_contain_text("1 cell begins with '")


def test_lines_are_answered_while_typing_and_empty_ones_left_out(page: Page) -> None:
    page.get_by_label("Lines").check()
    page.locator("#text").fill("good\n\nbad\n")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator(".timing")).to_have_count(1)
    page.locator("#text").fill("\n".join(["good day"] * 40))
    page.locator("#hint", has_text="starts when you say so").wait_for()
    page.locator("#go").click()
    expect(page.locator("tbody tr")).to_have_count(40)
    assert saved(page)[1].splitlines()[1].startswith("good day,good,")


def test_the_column_and_the_header_can_be_chosen(page: Page) -> None:
    choose(page, "a.csv", "good;bad\nbad;a long text that is good\nbad;another long one\n")
    expect(page.locator("#preview li")).to_have_text(["a long text that is good", "another long one"])
    page.get_by_label("First row has names").uncheck()
    expect(page.locator("#preview li")).to_have_count(3)
    page.get_by_label("Texts are in").select_option(label="column 1")
    expect(page.locator("#preview li")).to_have_text(["good", "bad", "bad"])
    page.locator("#go").click()
    expect(page.locator("td.label")).to_have_text(["good", "bad", "bad"])


def test_the_encoding_can_be_chosen(page: Page) -> None:
    choose(page, "a.csv", "review,stars\n이 영화는 good,1\n정말 bad,2\n".encode("euc-kr"))
    expect(page.locator("#file-form")).to_contain_text("Is this the right encoding?")
    page.get_by_label("Encoding").select_option("euc-kr")
    expect(page.locator("#preview li")).to_have_text(["이 영화는 good", "정말 bad"])
    page.get_by_label("First row has names").uncheck()
    expect(page.locator("#preview li").first).to_have_text("review")
    expect(page.get_by_label("Encoding")).to_have_value("euc-kr")
    page.get_by_label("First row has names").check()
    page.locator("#go").click()
    assert saved(page)[1].splitlines()[1].startswith("이 영화는 good,1,good,")


def test_a_chinese_file_is_read_as_such(page: Page) -> None:
    choose(page, "a.csv", "评论\n服务很好 good\n不好 bad\n".encode("gbk"))
    expect(page.get_by_label("Encoding")).to_have_value("gb18030")
    expect(page.locator("#preview li")).to_have_text(["服务很好 good", "不好 bad"])


def test_a_file_that_is_not_text_is_refused_and_another_can_follow(page: Page) -> None:
    choose(page, "a.csv", b"PK\x03\x04\x14\x00\x06\x00\x08\x00")
    expect(page.locator("#file-error")).to_contain_text("The file is not text")
    expect(page.locator("#file-facts")).to_be_hidden()
    page.locator("#file").set_input_files({"name": "b.csv", "mimeType": "text/csv", "buffer": b"text\ngood\n"})
    page.locator("#file-facts").wait_for()
    expect(page.locator("#file-error")).to_have_text("")


def test_json_lines_stay_json_lines(page: Page) -> None:
    choose(page, "a.jsonl", '{"text": "good", "meta": {"n": [1]}}\n{"text": "bad", "answer": 1}\n')
    page.locator("#go").click()
    name, text = saved(page)
    rows = [json.loads(line) for line in text.splitlines()]
    assert name == "a.answers.jsonl"
    assert rows[0]["meta"] == {"n": [1]}
    assert rows[0]["answer 2"]["label"] == "good"
    assert rows[1]["answer"] == 1


def test_embeddings_of_a_file(several_url: str, open_page: Callable[[str], Page]) -> None:
    page = open_page(several_url)
    page.get_by_label("Model", exact=True).select_option(label="letters")
    choose(page, "a.tsv", "id\ttext\n1\tabc\n2\tcab\n".encode("utf-8-sig"))
    page.locator("#go").click()
    page.locator(".heat").wait_for()
    name, text = saved(page)
    assert name == "a.answers.tsv"
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:]), delimiter="\t"))
    assert len(json.loads(rows[0]["embedding"])) == 26
    assert rows[0]["id"] == "1"


def test_a_dropped_file_is_opened(page: Page) -> None:
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(['good\\nbad\\n'], 'dropped.txt', { type: 'text/plain' }));
          for (const kind of ['dragover', 'drop'])
            document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    page.locator("#file-name", has_text="dropped.txt").wait_for()
    expect(page.get_by_label("File", exact=True)).to_be_checked()


def test_cancelling_keeps_what_is_there_and_continuing_asks_for_the_rest(page: Page) -> None:
    choose(page, "a.txt", "\n".join(f"good {i}" for i in range(400)))
    sizes = answered(page)
    hold_requests(page, after=3)
    page.locator("#go").click()
    expect(page.locator("progress")).to_have_js_property("value", 96)
    page.keyboard.press("Escape")
    expect(page.locator("#resume")).to_have_text("Continue with 304")
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#go")).to_be_focused()
    expect(page.locator(".remark")).to_contain_text("304 not answered yet")
    page.unroute("**/v1/predict")
    page.locator("#resume").click()
    page.locator("#resume").wait_for(state="detached")
    page.locator("#download").wait_for()
    expect(page.locator(".counts dd:not(.drawn)")).to_have_text(["0 · 0.0 %", "400 · 100.0 %"])
    assert sum(sizes) == 400  # what was answered before was not asked for again


def test_who_turns_to_something_else_sees_nothing_of_a_stopped_batch(page: Page) -> None:
    choose(page, "a.txt", "\n".join(f"good {i}" for i in range(400)))
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    held = hold_requests(page, after=1)
    page.locator("#go").click()
    expect(page.locator("progress")).to_have_js_property("value", 32)
    wait_until(page, lambda: len(held) == 2)
    page.get_by_label("One text", exact=True).check()
    wait_until(page, lambda: len(given_up) == 2)
    page.wait_for_timeout(100)  # time to draw what must not be drawn
    expect(page.locator("#result")).to_have_text("The answer appears here.")
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#go")).to_be_visible()
    page.unroute("**/v1/predict")
    page.get_by_label("Lines").check()
    page.locator("#text").fill("\n".join(["good day"] * 40))
    page.locator("#go").click()
    page.locator("#download").wait_for()
    page.locator("#text").press_sequentially("s")
    page.locator("#download").wait_for(state="detached")  # those were the answers to other texts


def refusing(statuses: list[int], retry_after: str = "1") -> Callable[[Route], Any]:
    """Refuses once per status, then lets requests through."""

    def answer(route: Route) -> None:
        if not statuses:
            route.continue_()
            return
        body = json.dumps({"error": {"message": "not now", "hint": "later"}})
        headers = {"Retry-After": retry_after, "Content-Type": "application/json"}
        route.fulfill(status=statuses.pop(0), headers=headers, body=body)

    return answer


def test_a_batch_waits_when_it_is_told_to(page: Page) -> None:
    statuses = [429, 503]
    page.route("**/v1/predict", refusing(statuses))
    choose(page, "a.txt", "\n".join(["good"] * 70))
    stop_clock(page)
    page.locator("#go").click()
    page.locator(".error.waiting", has_text="Trying again in 1 s").wait_for()
    wait_until(page, lambda: not statuses)  # both requests that are under way at a time were told to wait
    expect(page.locator("#download")).to_have_count(0)
    let_pass(page, 1000)
    page.locator("#download").wait_for()
    expect(page.locator(".error")).to_have_count(0)
    expect(page.locator("#result")).to_contain_text("70 · 100.0 %")


def test_one_text_counts_down_and_tries_again(page: Page) -> None:
    page.route("**/v1/predict", refusing([503]))
    stop_clock(page)  # before the text, which is otherwise sent by itself after a moment
    page.locator("#text").fill("good")
    page.locator("#go").click()
    page.locator(".error", has_text="The service is busy.").wait_for()
    expect(page.locator(".error b")).to_have_text("1 s")
    expect(page.locator("#said")).to_contain_text("Trying again in 1 second.")
    let_pass(page, 999)
    expect(page.locator(".error")).to_have_count(1)
    let_pass(page, 1)
    page.locator(".verdict strong", has_text="good").wait_for()
    expect(page.locator(".error")).to_have_count(0)


def test_escape_ends_the_waiting(page: Page) -> None:
    page.route("**/v1/predict", refusing([429], "60"))
    page.locator("#text").fill("good")
    page.locator(".error", has_text="used up its rate").wait_for()
    page.keyboard.press("Escape")
    page.locator(".error").wait_for(state="detached")
    expect(page.locator("#cancel")).to_be_hidden()


def test_a_service_that_is_gone_is_told_and_then_found_again(page: Page) -> None:
    gone = [True]
    page.route("**/v1/predict", lambda route: route.abort() if gone else route.continue_())
    page.locator("#text").fill("good")
    page.locator(".error", has_text="The service does not answer.").wait_for()
    gone.clear()
    page.locator(".verdict").wait_for()


def test_a_file_without_texts_says_so(page: Page) -> None:
    choose(page, "empty.csv", "")
    expect(page.locator("#file-error")).to_have_text("The file holds no text.")
    expect(page.locator("#file-facts")).to_be_hidden()
