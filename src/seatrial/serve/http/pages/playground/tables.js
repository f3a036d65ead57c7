"use strict";
// A file of texts as a table, and the same table with answers. Refuses to know: the page and requests.
//   table  { kind: "delimited" | "json" | "lines", delimiter, columns, rows, objects, hasHeader, note, bom }
//          rows are arrays of cells as long as `columns`; `objects` are what the lines of a JSON file hold
const MOST_TABLE_ROWS = 100_000;
const TEXT_COLUMN = /^(text|texts|comment|comments|review|reviews|sentence|content|body|message|tweet|input|inputs|document|description|texte|texto|avis|commentaire|comentario|kommentar|bewertung|текст|отзыв|评论|评价|内容|文本|正文|評論|內容|コメント|レビュー|本文|テキスト|내용|리뷰|댓글)$/i;

// A file's name and text → table. `hasHeader` overrides the guess. Throws Error with a message for people.
function parseTable(name, text, hasHeader = null) {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1].toLowerCase() ?? "";
  if (["jsonl", "ndjson", "json"].includes(ending)) return fromJson(text);
  if (ending === "txt" || ending === "") return fromLines(text);
  const delimiter = ending === "tsv" || ending === "tab" ? "\t" : guessDelimiter(text);
  let { records, open } = parseDelimited(text, delimiter);
  let note = "";
  if (open) {
    records = parseDelimited(text, delimiter, false).records;
    note = "A quotation mark in it is never closed, so that quotation marks were read as ordinary characters.";
  }
  if (!records.length) throw new Error("The file holds no text.");
  const header = hasHeader ?? looksLikeHeader(records[0]);
  const width = records.reduce((most, record) => Math.max(most, record.length), 1); // a spread of 100,000 would overflow
  const names = header ? records[0] : [];
  const columns = unique(Array.from({ length: width }, (_, place) => names[place]?.trim() || (width === 1 ? "text" : `column ${place + 1}`)));
  const rows = (header ? records.slice(1) : records).map((record) => [...record, ...new Array(width - record.length).fill("")]);
  if (!rows.length) throw new Error("The file holds a header and no rows.");
  return bounded({ kind: "delimited", delimiter: delimiter || ",", columns, rows, objects: null, hasHeader: header, note });
}

// The table, unless it is more than a page should hold.
function bounded(table) {
  if (table.rows.length <= MOST_TABLE_ROWS) return table;
  throw new Error(`The file has more than ${MOST_TABLE_ROWS.toLocaleString("en")} rows. For so many texts use: seatrial predict`);
}

function fromLines(text) {
  const rows = text.split(/\r\n|\n|\r/).filter((line) => line.trim()).map((line) => [line]);
  if (!rows.length) throw new Error("The file holds no text.");
  return bounded({ kind: "lines", delimiter: ",", columns: ["text"], rows, objects: null, hasHeader: false, note: "" });
}

// JSON lines, or one JSON array: strings, or objects whose fields are the columns.
function fromJson(text) {
  const plain = (value) => (typeof value === "string" ? { text: value } : value);
  let objects;
  if (text.trimStart().startsWith("[")) {
    try {
      objects = JSON.parse(text).map(plain);
    } catch {
      throw new Error("The file is not JSON.");
    }
  } else {
    objects = [];
    text.split("\n").forEach((line, place) => {
      if (!line.trim()) return;
      try {
        objects.push(plain(JSON.parse(line)));
      } catch {
        throw new Error(`Line ${place + 1} is not JSON.`);
      }
    });
  }
  const wrong = objects.findIndex((object) => object === null || typeof object !== "object" || Array.isArray(object));
  if (wrong >= 0) throw new Error(`Item ${wrong + 1} is neither a text nor an object.`);
  if (!objects.length) throw new Error("The file holds no text.");
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const cell = (value) => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));
  const rows = objects.map((object) => columns.map((column) => cell(Object.hasOwn(object, column) ? object[column] : "")));
  return bounded({ kind: "json", delimiter: ",", columns, rows, objects, hasHeader: true, note: "" });
}

// The place of the column that holds the texts: by its name, otherwise the one with the longest cells.
function guessTextColumn(table) {
  const named = table.columns.findIndex((column) => TEXT_COLUMN.test(column.trim()));
  if (named >= 0) return named;
  const sample = table.rows.slice(0, 200);
  const lengths = table.columns.map((_, place) => sample.reduce((sum, cells) => sum + cells[place].length, 0));
  return lengths.indexOf(Math.max(...lengths));
}

// Names made different from each other and from `taken`.
function unique(names, taken = []) {
  const used = new Set(taken);
  return names.map((name) => {
    let other = name;
    for (let number = 2; used.has(other); number += 1) other = `${name} ${number}`;
    used.add(other);
    return other;
  });
}

// What an answer adds to a row, as pairs of name and value; the names do not depend on the answer.
function added(answer, labels, output) {
  const usable = answer && !("fault" in answer);
  const error = usable ? "" : answer ? answer.fault : "not answered";
  if (!labels.length) return [[output, usable ? JSON.stringify(answer[output]) : ""], ["error", error]];
  const scores = labels.map((label) => [`score ${label}`, usable ? answer.scores[label] : ""]);
  return [["label", usable ? answer.label : ""], ["score", usable ? answer.score : ""], ...scores, ["error", error]];
}

// The table with its answers, as a file → { name, type, text, neutralised }. A JSON file stays one.
function labelled(name, table, answers, labels, bom = false, output = "embedding") {
  const base = name.replace(/\.[a-z]+$/i, "") || "texts";
  if (table.kind === "json") {
    const ours = unique(["answer"], table.columns)[0];
    const lines = table.objects.map((object, place) => JSON.stringify({ ...object, [ours]: answers[place] ?? { fault: "not answered" } }) + "\n");
    return { name: `${base}.answers.jsonl`, type: "application/jsonl", text: lines.join(""), neutralised: 0 };
  }
  const first = added(null, labels, output).map(([column]) => column);
  const failed = answers.some((answer) => !answer || "fault" in answer);
  const kept = failed ? first.length : first.length - 1; // the column of errors only where there are some
  const columns = [...table.columns, ...unique(first.slice(0, kept), table.columns)];
  const rows = table.rows.map((cells, place) => [...cells, ...added(answers[place], labels, output).slice(0, kept).map(([, value]) => value)]);
  const { text, neutralised } = writeDelimited([columns, ...rows], table.delimiter);
  const tabs = table.delimiter === "\t";
  const type = tabs ? "text/tab-separated-values" : "text/csv";
  return { name: `${base}.answers.${tabs ? "tsv" : "csv"}`, type: `${type};charset=utf-8`, text: (bom ? "\ufeff" : "") + text, neutralised };
}
