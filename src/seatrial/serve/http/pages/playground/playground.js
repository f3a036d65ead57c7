"use strict";
// Puts the page together: which model, which texts, ask, show. Talks to the same routes as any other client.
const TYPING_PAUSE_MS = 150;
const MOST_IN_CODE = 3; // texts of a batch that the code shows
let running = null; // AbortController of what is asked now
let typing;

const mode = () => document.querySelector("[name=mode]:checked").value;

function chooseMode(name) {
  document.querySelector(`[name=mode][value=${name}]`).checked = true;
  changeMode();
}

const typedLines = () => $("text").value.split(/\r?\n/).filter((line) => line.trim());
const texts = () => (mode() === "one" ? [$("text").value].filter((text) => text.trim()) : mode() === "lines" ? typedLines() : fileTexts());

function requestBody(inputs) {
  const body = { inputs };
  if (models.length > 1) body.model = chosen.name;
  if (pinned()) Object.assign(body, { model: chosen.name, version: pinned() });
  return body;
}

// Everything that follows from the input before any answer: button, hint, code.
function describeInput() {
  const written = texts();
  const batch = mode() === "file" || written.length > (chosen?.max_texts ?? 1);
  $("go").firstChild.textContent = written.length > 1 ? `${verb()} ${many(written.length, "text")} ` : `${verb()} `;
  $("hint").textContent = mode() === "file" ? "" : batch ? "Many texts: starts when you say so" : "Answers while you type";
  if (!chosen) return;
  const shown = mode() === "one" ? written[0] ?? "What a lovely day" : written.slice(0, mode() === "file" ? MOST_IN_CODE : chosen.max_texts);
  const inputs = shown.length ? shown : ["What a lovely day", "What a dull one"];
  const { model = "", version = "" } = requestBody(inputs);
  const note = written.length > shown.length && mode() !== "one" ? `With the first ${shown.length} of ${count(written.length)} texts.` : "";
  showCode(snippets({ inputs, model, version, name: chosen.name, output: chosen.output }, location.origin, Boolean(apiKey)), note);
}

// Nothing is asked any more.
function settle() {
  running = null;
  const cancelled = document.activeElement === $("cancel");
  $("go").hidden = false;
  if (cancelled) $("go").focus();
  $("cancel").hidden = true;
  $("cancel").classList.remove("now");
  $("output").removeAttribute("aria-busy");
  endProgress();
}

// The reader wants no more of it: what has come so far stays.
function cancel() {
  clearTimeout(typing);
  running?.abort();
}

// Something else is wanted: what still comes is not shown.
function stop() {
  clearTimeout(typing);
  const superseded = running;
  if (superseded) settle();
  superseded?.abort();
}

function empty() {
  $("result").replaceChildren(node("p", { className: "empty" }, "The answer appears here."));
  $("timing").replaceChildren();
  $("answered").textContent = "";
  clearNotice();
  endProgress();
}

async function run(answers = null) {
  stop();
  describeInput();
  const asked = texts();
  if (!asked.length || !chosen) {
    if (chosen) empty();
    return;
  }
  const controller = (running = new AbortController());
  const latest = () => running === controller;
  $("cancel").hidden = false;
  $("output").setAttribute("aria-busy", "true");
  try {
    if (mode() === "one") await runOne(asked[0], controller.signal);
    else await runMany(asked, controller.signal, answers, latest);
  } catch (error) {
    if (error.name === "AbortError") {
      if (latest()) say("Stopped");
    } else if (!(error instanceof Refused)) {
      throw error;
    } else if (latest()) {
      if (mode() === "one") empty();
      showRefusal(error);
    }
  } finally {
    if (latest()) settle();
  }
}

async function runOne(text, signal) {
  const { answer, roundTripMs } = await patiently(() => ask("/v1/predict", requestBody(text), signal), signal);
  const [first] = answer.predictions;
  follow(answer.version);
  clearNotice();
  endProgress();
  $("result").replaceChildren(...(first.embedding ? vectorView(first) : first.entities ? entityView(text, first, chosen.labels) : verdict(first)));
  $("timing").replaceChildren(timingBar(answer, roundTripMs));
  $("answered").textContent = answer.cached ? "Answered before, and remembered" : `version ${answer.version}`;
  say(first.embedding ? `A vector of ${first.embedding.length} values` : first.entities ? `${many(first.entities.length, "entity", "entities")} found` : `${first.label}, ${percent(first.score)}`);
}

async function runMany(asked, signal, earlier, latest) {
  const answers = earlier ?? new Array(asked.length).fill(null);
  const source = mode() === "file" ? opened : { name: "texts.csv", table: { kind: "lines", delimiter: ",", columns: ["text"], rows: asked.map((text) => [text]) }, bom: false };
  const { labels, output } = chosen;
  const last = { output, name: source.name, texts: asked, table: source.table, bom: source.bom, answers, versions: new Set(), resume: () => run(answers) };
  let requests = 0;
  let single = null;
  const body = requestBody([]);
  const send = async (some, within) => {
    const { answer, roundTripMs } = await ask("/v1/predict", { ...body, inputs: some }, within);
    last.versions.add(answer.version);
    follow(answer.version);
    requests += 1;
    single = [answer, roundTripMs];
    return answer.predictions;
  };
  const long = asked.length > chosen.max_texts;
  if (long) {
    for (const part of ["result", "timing"]) $(part).replaceChildren();
    $("go").hidden = true;
    $("cancel").classList.add("now"); // what is not yet visible cannot have the focus
    $("cancel").focus();
  }
  clearNotice();
  const report = long ? startProgress() : () => {};
  const started = performance.now();
  try {
    const told = ({ done, total, waitS, refusal }) => {
      report({ done, total });
      if (waitS) countDown(refusal, waitS, signal).catch(() => {});
    };
    await answerAll(asked, { send, size: chosen.max_texts, signal, answers, told });
    const totalMs = performance.now() - started;
    $("timing").replaceChildren(...(requests === 1 ? [timingBar(...single)] : []));
    $("answered").textContent = requests > 1 ? `${many(asked.length, "text")} in ${(totalMs / 1000).toFixed(1)} s` : `version ${[...last.versions].join(", ")}`;
    say(`${many(asked.length, "text")} ${gives() ? "embedded" : marks() ? "searched" : "classified"}`);
    clearNotice();
  } catch (error) {
    $("answered").textContent = "";
    throw error;
  } finally {
    if (latest() && (!signal.aborted || long)) drawRun(last, labels);
  }
}

function changeMode() {
  stop();
  const file = mode() === "file";
  $("typed").hidden = file;
  $("filed").hidden = !file;
  $("examples").hidden = file || !chosen?.examples.length;
  $("text").placeholder = mode() === "lines" ? "Paste texts, one per line …" : "Write or paste a text …";
  empty();
  describeInput();
  if (!file && texts().length <= (chosen?.max_texts ?? 0)) run();
}

function showExamples() {
  const buttons = chosen.examples.map((example) => {
    const button = foreign("button", short(example), { type: "button", title: example });
    button.addEventListener("click", () => {
      $("text").value = example;
      if (mode() !== "one") chooseMode("one");
      else run();
    });
    return button;
  });
  document.querySelector("#examples .chips").replaceChildren(...buttons);
}

// Another model or version was chosen.
function changeModel() {
  $("text-label").textContent = gives() ? "Text to embed" : marks() ? "Text to search" : "Text to classify";
  showExamples();
  changeMode();
}

// Asks what is served; after that everything works. Needs a key where the service has keys.
async function load() {
  stop();
  const controller = (running = new AbortController());
  try {
    const { answer } = await patiently(() => ask("/v1/served", null, controller.signal), controller.signal);
    clearNotice();
    closeDoor();
    showModels(answer.models);
    if (!$("keyed").hidden) $("text").focus();
  } catch (error) {
    if (error instanceof Refused) showRefusal(error);
    else if (error.name !== "AbortError") throw error;
  } finally {
    if (running === controller) running = null;
  }
}

// Where keys are asked for the card cannot be a plain link, because a link sends no headers. Its frame runs no scripts.
async function showCard(event) {
  if (chosen && !apiKey && $("door").hidden) return;
  event.preventDefault();
  try {
    const { answer } = await ask(`/model-card?${new URLSearchParams({ ...(chosen && { model: chosen.name }), bare: "1" })}`);
    $("card-frame").srcdoc = answer;
    $("card-dialog").showModal();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showRefusal(error);
  }
}

function start() {
  startDoor(load);
  startCode();
  startModels(changeModel);
  startFiles(() => {
    stop();
    empty();
    describeInput();
  });
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && $("door").hidden) {
      event.preventDefault();
      run();
    } else if (event.key === "Escape" && running && !$("card-dialog").open) cancel();
  });
  $("cancel").addEventListener("click", cancel);
  $("text").addEventListener("input", () => {
    clearTimeout(typing);
    describeInput();
    if (texts().length <= (chosen?.max_texts ?? 0)) {
      typing = setTimeout(run, TYPING_PAUSE_MS);
    } else { // the answers on the page are those of other texts
      stop();
      empty();
    }
  });
  for (const choice of document.querySelectorAll("[name=mode]")) choice.addEventListener("change", changeMode);
  $("card").addEventListener("click", showCard);
  $("card-close").addEventListener("click", () => $("card-dialog").close());
  load();
}
start();
