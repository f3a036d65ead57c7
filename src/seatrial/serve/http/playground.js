"use strict";
// Talks to the same routes as any other client. Builds every node by hand: text from outside never becomes markup.
const $ = (id) => document.getElementById(id);
const TYPING_PAUSE_MS = 150;
let maxTexts = 32;
let newest = 0; // answers may arrive out of order; only the newest question's is shown
let timer;

function node(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

const percent = (share) => (100 * share).toFixed(1) + " %";

function bar(share, best) {
  const fill = node("i");
  fill.style.width = 100 * share + "%";
  return node("div", { className: best ? "track best" : "track" }, fill);
}

function showOne(answer) {
  const bars = node("dl", { className: "bars" });
  for (const [label, share] of Object.entries(answer.scores)) {
    const kind = label === answer.label ? "best" : "";
    bars.append(node("dt", { className: kind }, label), bar(share, kind), node("dd", { className: kind }, percent(share)));
  }
  const head = node("div", { className: "verdict" }, node("strong", {}, answer.label), node("span", {}, percent(answer.score)));
  $("result").replaceChildren(head, bars);
  $("said").textContent = `${answer.label}, ${percent(answer.score)}`;
}

function showMany(texts, answers) {
  const rows = answers.map((answer, index) =>
    node("tr", {},
      node("td", {}, texts[index]),
      node("td", {}, node("b", {}, answer.label)),
      node("td", { className: "figure" }, percent(answer.score))));
  const head = node("tr", {}, ...["Text", "Label", "Share"].map((name) => node("th", { scope: "col" }, name)));
  $("result").replaceChildren(node("table", {}, node("thead", {}, head), node("tbody", {}, ...rows)));
  $("said").textContent = `${answers.length} texts classified`;
}

function showError(message, hint) {
  const box = node("p", { className: "error" }, message);
  if (hint) box.append(node("small", {}, hint));
  $("result").replaceChildren(box);
  $("time").textContent = "";
  $("said").textContent = message;
}

async function post(inputs) {
  const response = await fetch("/v1/predict", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ inputs }),
  });
  return [response.ok, await response.json()];
}

async function classify() {
  clearTimeout(timer);
  const many = $("lines").checked;
  const written = $("text").value;
  const texts = many ? written.split("\n").filter((line) => line.trim()) : [written];
  const question = ++newest;
  if (!written.trim()) {
    $("result").replaceChildren(node("p", { className: "empty" }, "The answer appears here."));
    $("time").textContent = $("said").textContent = "";
    return;
  }
  const started = performance.now();
  try {
    const answers = [];
    let insideMs = 0;
    for (let first = 0; first < texts.length; first += maxTexts) {
      const [ok, body] = await post(many ? texts.slice(first, first + maxTexts) : written);
      if (question !== newest) return;
      if (!ok) return showError(body.error.message, body.error.hint);
      answers.push(...body.predictions);
      insideMs += body.latency_ms;
    }
    const totalMs = performance.now() - started;
    $("time").textContent = `${insideMs.toFixed(1)} ms in the service · ${totalMs.toFixed(1)} ms in all`;
    if (many) showMany(texts, answers);
    else showOne(answers[0]);
  } catch {
    if (question === newest) showError("The service does not answer.", "Is it still running? Try again in a moment.");
  }
}

function describe(model) {
  maxTexts = model.max_texts;
  $("name").textContent = model.name;
  $("about").textContent = `${model.task} · version ${model.version} · ${model.labels.length} labels`;
  document.title = `${model.name} · Seatrial`;
  for (const example of model.examples) {
    const short = example.length > 70 ? example.slice(0, 68) + " …" : example;
    const button = node("button", { type: "button", title: example }, short);
    button.addEventListener("click", () => {
      $("lines").checked = false;
      $("text").value = example;
      classify();
    });
    document.querySelector("#examples .chips").append(button);
    $("examples").hidden = false;
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  classify();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) classify();
});
$("text").addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(classify, TYPING_PAUSE_MS);
});
$("lines").addEventListener("change", () => {
  $("text").placeholder = $("lines").checked ? "Paste texts, one per line …" : "Write or paste a text …";
  classify();
});
fetch("/v1/model").then((response) => response.json()).then(describe, () => showError("The service does not answer."));
