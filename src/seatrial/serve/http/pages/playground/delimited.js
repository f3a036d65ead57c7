"use strict";
// CSV and its kin as RFC 4180 has them, and as spreadsheets and people write them. Refuses to know: files and models.
const DELIMITERS = [",", ";", "\t", "|"];

// Text → { records, open }: arrays of cells, empty lines left out; `open` says that a quoted cell never ended.
// Without `quotes` a quotation mark is a character like any other. A delimiter "" gives one cell per line.
function parseDelimited(text, delimiter, quotes = true) {
  const records = [];
  let record = [];
  let cell = "";
  let inside = false; // a quoted cell
  let begun = false; // the cell has had a quote, even if it is empty
  const endCell = () => {
    record.push(cell);
    cell = "";
    begun = false;
  };
  const endRecord = () => {
    const empty = record.length === 0 && cell === "" && !begun;
    if (!empty) {
      endCell();
      records.push(record);
    }
    record = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inside) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[(at += 1)];
      else inside = false;
    } else if (character === '"' && quotes && cell === "" && !begun) {
      inside = begun = true;
    } else if (character === delimiter) {
      endCell();
    } else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[at + 1] === "\n") at += 1;
      endRecord();
    } else {
      cell += character;
    }
  }
  endRecord();
  return { records, open: inside };
}

// The delimiter with which most of the first records have the same number of cells; "" where none does.
function guessDelimiter(text) {
  let best = { delimiter: "", share: 0.6, width: 1 };
  for (const delimiter of DELIMITERS) {
    const { records } = parseDelimited(text.slice(0, 65536), delimiter);
    if (text.length > 65536) records.pop(); // cut off in the middle
    const widths = records.slice(0, 100).map((record) => record.length);
    const tally = new Map();
    for (const width of widths) tally.set(width, (tally.get(width) ?? 0) + 1);
    const [width, times] = [...tally].sort((a, b) => b[1] - a[1])[0] ?? [1, 0];
    const share = times / widths.length;
    if (width > 1 && (share > best.share || (share === best.share && width > best.width))) best = { delimiter, share, width };
  }
  return best.delimiter;
}

// Whether a first record looks like names: short, all different, none a number.
function looksLikeHeader(record) {
  if (record.length === 1) return TEXT_COLUMN.test(record[0]) || /^(id|label|class|name)$/i.test(record[0]);
  const named = (cell) => cell.trim() !== "" && cell.length <= 40 && !/^[\s\d.,+-]+$/.test(cell) && !/[.!?…。]$/.test(cell.trim());
  return record.every(named) && new Set(record).size === record.length;
}

// A spreadsheet takes a cell that begins so for a formula, and runs it. A plain number is none.
const FORMULA = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const isFormula = (cell) => FORMULA.test(cell) && !PLAIN_NUMBER.test(cell);
const neutral = (cell) => (isFormula(cell) ? "'" + cell : cell);

// Records → { text, neutralised }: RFC 4180, with how many cells would have been formulas.
function writeDelimited(records, delimiter) {
  const special = new RegExp(`["\\r\\n${delimiter === "|" ? "\\|" : delimiter}]|^\\s|\\s$`);
  let neutralised = 0;
  const written = (value) => {
    const cell = String(value ?? "");
    if (isFormula(cell)) neutralised += 1;
    const safe = neutral(cell);
    return special.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  const text = records.map((record) => record.map(written).join(delimiter) + "\r\n").join("");
  return { text, neutralised };
}
