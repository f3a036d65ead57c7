"""Files that are one example each: text, Markdown, HTML and PDF, alone and in folders."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from seatrial.data.sources.base import BadRow
from seatrial.data.sources.read import read_rows
from seatrial.errors import DataError
from seatrial.records import Row
from seatrial.spec.data import Source

PAGE = """<html><head>{head}<title>The  title</title></head><body>
<nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<article><h1>A long walk</h1><p>{text} The path led along the river for most of the day, past two mills.</p>
<p>In the evening the travellers reached a village, where they were given bread and a place by the fire.</p></article>
<footer>Imprint</footer><script>alert("no")</script></body></html>"""


def rows_of(root: Path, path: str, **more: Any) -> list[Row | BadRow]:
    source = Source.model_validate({"name": "s", "path": path, **more})
    return list(read_rows(source, root=root, max_row_bytes=5000, where="data.sources.0"))


def values_of(root: Path, path: str, **more: Any) -> list[dict[str, Any]]:
    rows = rows_of(root, path, **more)
    assert all(isinstance(row, Row) for row in rows), rows
    return [dict(row.values) for row in rows if isinstance(row, Row)]


def reason_of(root: Path, path: str, **more: Any) -> str:
    (row,) = rows_of(root, path, **more)
    assert isinstance(row, BadRow)
    return row.reason


def pdf(*pages: str | None, password: str | None = None) -> bytes:
    """A PDF whose pages say these texts; None is a page without any."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        if text is None:
            continue
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        fonts = DictionaryObject(
            {NameObject("/F1"): DictionaryObject({NameObject(k): NameObject(v) for k, v in font.items()})}
        )
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode("ascii"))
        page[NameObject("/Contents")] = writer._add_object(content)
    if password is not None:
        writer.encrypt(user_password=password, owner_password="owner", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("pos/1.txt", "neg/2.txt", "neg/.hidden.txt", ".git/3.txt", "neg/4.csv"):
        path = tmp_path / "reviews" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"line one of {name}\nline two\n")
    return tmp_path


def test_a_folder_of_texts_with_its_folders_as_labels(folder: Path) -> None:
    assert values_of(folder, "reviews", format="text-file", add={"domain": "d"}) == [
        {"text": "line one of neg/2.txt\nline two\n", "path": "reviews/neg/2.txt", "folder": "neg", "domain": "d"},
        {"text": "line one of pos/1.txt\nline two\n", "path": "reviews/pos/1.txt", "folder": "pos", "domain": "d"},
    ]


def test_a_folder_without_such_files(folder: Path) -> None:
    (folder / "empty").mkdir()
    for form in ("pdf", "markdown"):
        with pytest.raises(DataError, match="holds no file that ends in"):
            rows_of(folder, "reviews", format=form)
    with pytest.raises(DataError, match="holds no file that ends in"):
        rows_of(folder, "empty", format="text-file")
    with pytest.raises(DataError, match="is a folder"):
        rows_of(folder, "reviews", format="csv")


def test_one_bad_file_does_not_stop_the_others(folder: Path) -> None:
    (folder / "reviews/neg/0.txt").write_bytes(b"caf\xe9")
    (folder / "reviews/neg/1.txt").write_bytes(b"")
    (folder / "reviews/neg/3.txt").write_bytes(b"a\n\0b")
    rows = rows_of(folder, "reviews", format="text-file")
    bad = {row.where: row.reason for row in rows if isinstance(row, BadRow)}
    assert bad == {
        "reviews/neg/0.txt:1": "not utf-8",
        "reviews/neg/1.txt:1": "a document without text",
        "reviews/neg/3.txt:2": "holds NUL characters",
    }
    assert len(rows) == 5


def test_markdown_without_its_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "---\ntitle: Given\ndate: 2024-05-01\ntags: [x, y]\nnested: {a: 1}\n---\n\n# Heading\n\nText with --- in it.\n"
    )
    (tmp_path / "b.md").write_text("Intro\n\n# Heading  #\n\nText.\n")
    first, second = values_of(tmp_path, "*.md")
    assert first == {
        "title": "Given",
        "date": "2024-05-01",
        "tags": ["x", "y"],
        "text": "# Heading\n\nText with --- in it.\n",
        "path": "a.md",
        "folder": "",
    }
    assert second["title"] == "Heading"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\na: [\n---\ntext", "its front matter is not YAML"),
        ("---\njust words\n---\ntext", "its front matter is no mapping"),
        ("---\na: b\n---\n \n", "a document without text"),
    ],
)
def test_markdown_that_cannot_be_used(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "a.md").write_text(content)
    assert reason_of(tmp_path, "a.md") == reason


def test_the_main_text_of_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE.format(head="", text="Früh am Morgen."), encoding="utf-8")
    (row,) = values_of(tmp_path, "a.html")
    assert row["text"].startswith("A long walk\n")
    assert "Früh am Morgen. The path" in row["text"]
    for left_out in ("Home", "Imprint", "alert"):
        assert left_out not in row["text"]
    assert (row["title"], row["path"]) == ("The title", "a.html")


@pytest.mark.parametrize(
    ("head", "encoding"), [('<meta charset="windows-1251">', "cp1251"), ('<META content="a; charset=GB2312">', "gbk")]
)
def test_a_page_says_what_it_is_written_in(tmp_path: Path, head: str, encoding: str) -> None:
    text = {"cp1251": "Рано утром.", "gbk": "清晨出发。"}[encoding]
    (tmp_path / "a.html").write_bytes(PAGE.format(head=head, text=text).encode(encoding))
    (row,) = values_of(tmp_path, "a.html")
    assert text in row["text"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<html><body><script>x()</script></body></html>", "HTML without main text"),
        (b"", "no HTML"),
        (b"<p>caf\xe9</p>", "not utf-8"),
    ],
)
def test_pages_without_content(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "a.html").write_bytes(content)
    assert reason_of(tmp_path, "a.html") == reason


def test_a_pdf_as_one_example_and_by_page(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("First page", "Second page", password=""))
    assert values_of(tmp_path, "a.pdf") == [
        {"pages": 2, "text": "First page\n\nSecond page", "path": "a.pdf", "folder": ""}
    ]
    pages = values_of(tmp_path, "a.pdf", format="pdf-pages")
    assert [(page["page"], page["text"]) for page in pages] == [(1, "First page"), (2, "Second page")]


def test_pdfs_that_cannot_be_used(tmp_path: Path) -> None:
    files = {
        "an encrypted PDF": pdf("Secret", password="word"),
        "a PDF without text": pdf(None),
        "not a readable PDF": b"%PDF-1.7\nnothing",
    }
    for reason, content in files.items():
        (tmp_path / "a.pdf").write_bytes(content)
        assert reason_of(tmp_path, "a.pdf") == reason
    whole = pdf("First page", "Second page")
    for cut in range(0, len(whole), 97):
        (tmp_path / "a.pdf").write_bytes(whole[:cut])
        rows_of(tmp_path, "a.pdf")  # a bad row or what could be saved, never an error of pypdf's own


def test_a_page_without_text_among_others(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("First", None, "Third"))
    rows = rows_of(tmp_path, "a.pdf", format="pdf-pages")
    assert [row.where for row in rows if isinstance(row, BadRow)] == ["a.pdf:2"]
    (row,) = values_of(tmp_path, "a.pdf")
    assert row["text"] == "First\n\nThird"


def test_documents_that_are_too_long(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x" * 5001)
    assert reason_of(tmp_path, "a.txt", format="text-file") == "a document of more than 5,000 bytes"
