"use strict";
// Chooses a file of texts, and the column in it. Refuses to know: requests and answers.
const MOST_FILE_BYTES = 50_000_000;
let opened = null; // { name, bytes, encoding, bom, table, column, note } of the file that was chosen

async function openFile(file, told) {
  opened = null;
  $("file-facts").hidden = true;
  $("file-error").textContent = "";
  try {
    if (file.size > MOST_FILE_BYTES) throw new Error(`The file is larger than ${MOST_FILE_BYTES / 1e6} MB. For so many texts use: seatrial predict`);
    readFile(file.name, new Uint8Array(await file.arrayBuffer()));
  } catch (error) {
    $("file-error").textContent = error.message;
    say(error.message);
  }
  told();
}

// Reads the bytes anew; what is not given is guessed.
function readFile(name, bytes, encoding = undefined, hasHeader = null) {
  const { text, ...found } = decoded(bytes, encoding);
  const table = parseTable(name, text, hasHeader);
  opened = { name, bytes, ...found, table, column: guessTextColumn(table) };
  drawFile();
}

// The file that is open, read in another way; `undo` where it cannot be read so.
function readAgain(encoding, hasHeader, undo, told) {
  $("file-error").textContent = "";
  try {
    readFile(opened.name, opened.bytes, encoding, hasHeader);
  } catch (error) {
    undo();
    $("file-error").textContent = error.message;
  }
  told();
}

function drawFile() {
  const { name, table, column, note, encoding } = opened;
  $("file-facts").hidden = false;
  $("file-name").textContent = name;
  const separated = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" }[table.delimiter];
  const form = table.kind === "delimited" && table.columns.length > 1 ? `${many(table.columns.length, "column")} between ${separated}` : "";
  $("file-form").textContent = [many(table.rows.length, "row"), form, note, table.note].filter(Boolean).join(" · ");
  $("column").replaceChildren(...table.columns.map((title, place) => node("option", { value: String(place), selected: place === column }, short(title, 60))));
  $("column-choice").hidden = table.columns.length === 1;
  $("header-choice").hidden = table.kind !== "delimited";
  $("has-header").checked = table.hasHeader;
  $("encoding").value = encoding;
  drawPreview();
}

function drawPreview() {
  const { table, column } = opened;
  const first = table.rows.slice(0, 3).map((cells) => foreign("li", short(cells[column].replace(/\s+/g, " ").trim() || "—", 110)));
  $("preview").replaceChildren(...first);
}

const fileTexts = () => (opened ? opened.table.rows.map((cells) => cells[opened.column]) : []);

// `told` is called whenever the texts are other ones.
function startFiles(told) {
  const input = $("file");
  const zone = $("drop");
  input.addEventListener("change", () => {
    if (input.files.length) openFile(input.files[0], told);
    input.value = ""; // so that the same file can be chosen again
  });
  $("column").addEventListener("change", () => {
    opened.column = Number($("column").value);
    drawPreview();
    told();
  });
  $("has-header").addEventListener("change", () => {
    const box = $("has-header");
    readAgain(opened.encoding, box.checked, () => (box.checked = !box.checked), told);
  });
  $("encoding").replaceChildren(...ENCODINGS.map(([value, title]) => node("option", { value }, title)));
  $("encoding").addEventListener("change", () => readAgain($("encoding").value, null, () => ($("encoding").value = opened.encoding), told));
  // A file that misses the zone would otherwise replace the page.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  const over = (event) => event.dataTransfer?.types.includes("Files");
  window.addEventListener("dragover", (event) => zone.classList.toggle("over", Boolean(over(event))));
  window.addEventListener("dragleave", (event) => event.relatedTarget ?? zone.classList.remove("over"));
  window.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    chooseMode("file");
    openFile(event.dataTransfer.files[0], told);
  });
}
