"use strict";
// One item at a time. A key gives an answer; the next item shows only when the answer is saved.

const at = (id) => document.getElementById(id);
const RETRY_MS = 1000;
const LOOK_MS = 5000;
const SMALL = 64;

let setup = null;
let me = null; // {name, decides}
let key = sessionStorage.getItem("key");
let item = null;
let shownAtMs = 0;
let busy = false;
let deciding = false;
let differences = [];

class Refused extends Error {}

function node(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

function headers() {
  const own = { "X-Seatrial-Label": "1" };
  if (key) own["X-Rater-Key"] = key;
  else if (me) own["X-Rater"] = encodeURIComponent(me.name);
  return own;
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({ message: `the service answered ${answer.status}` }));
  throw new Refused([told.message, told.hint].filter(Boolean).join(": "));
}

const get = async (path) => (await ask(path)).json();

// Sent again until the service answers; the token makes the same act count once, however often it arrives.
async function act(path, body) {
  const given = JSON.stringify({ ...body, token: newToken() });
  for (;;) {
    try {
      const answer = await ask(path, { method: "POST", body: given, headers: { "Content-Type": "application/json" } });
      const found = await answer.json();
      notice("");
      return found;
    } catch (error) {
      if (error instanceof Refused) throw error;
      notice("Not saved yet: the service does not answer. Trying again.");
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}

function newToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// One act at a time: a key that is pressed while an answer is on its way would answer an item nobody has seen.
async function alone(work) {
  if (busy) return;
  busy = true;
  paint();
  try {
    await work();
  } catch (error) {
    notice(error instanceof Refused ? `Refused: ${error.message}` : "The service does not answer.");
  } finally {
    busy = false;
    paint();
  }
}

function paint() {
  const working = busy || !item;
  for (const button of at("labels").children) {
    button.disabled = working;
    button.setAttribute("aria-pressed", String(Boolean(item) && item.own === button.dataset.label));
  }
  at("skip").disabled = working;
}

function showItem(shown, note = "") {
  item = shown;
  shownAtMs = performance.now();
  at("text").textContent = shown ? shown.text : deciding ? "No differences are left to decide." : "Nothing is left for you. Thank you.";
  at("text").scrollTop = 0;
  at("item-note").textContent = note || (shown?.own === "" ? "You skipped this one." : shown?.own ? `Your answer: ${shown.own}` : "");
  at("said").hidden = !shown?.said;
  at("said").replaceChildren(...Object.entries(shown?.said ?? {}).flatMap(([who, label]) => [node("dt", who), node("dd", label)]));
  paint();
}

function showFar(state) {
  const whole = new Intl.NumberFormat("en");
  const { mine, all, agreement } = state;
  at("bar").value = all.wanted ? all.given / all.wanted : 0;
  at("mine").textContent = whole.format(mine.answered) + (mine.skipped ? `, ${whole.format(mine.skipped)} skipped` : "");
  at("pace").textContent = mine.per_minute ? `${mine.per_minute.toFixed(mine.per_minute < 10 ? 1 : 0)} per minute` : "–";
  at("all").textContent = `${whole.format(all.given)} of ${whole.format(all.wanted)}`;
  at("items-done").textContent = `${whole.format(all.items_done)} of ${whole.format(setup.items)}`;
  at("percent").textContent = agreement.percent === null ? "–" : `${(100 * agreement.percent).toFixed(1)} %`;
  at("alpha").textContent = agreement.alpha === null ? "–" : agreement.alpha.toFixed(3);
  at("pairs").textContent = whole.format(agreement.items);
  at("undo").disabled = !state.can_undo;
  at("model").hidden = !state.model;
  at("model").textContent = state.model ?? "";
}

function show(state, note) {
  showFar(state);
  showItem(state.item, note);
}

function showDifferences(state) {
  showFar(state);
  differences = state.items;
  showItem(differences.shift() ?? null, `${state.open} to decide, ${state.decided} decided`);
}

const nextItem = async () => (deciding ? showDifferences(await get("/api/differences")) : show(await get("/api/next")));

function answer(label) {
  const given = item;
  if (!given) return;
  alone(async () => {
    at("saved").textContent = "";
    if (deciding) {
      showDifferences(await act("/api/decide", { item: given.id, label }));
    } else {
      const took_s = (performance.now() - shownAtMs) / 1000;
      show(await act("/api/answer", { item: given.id, label, took_s }));
    }
    at("saved").textContent = `Saved: ${label ?? "skipped"}`;
  });
}

function skip() {
  if (!deciding) return answer(null);
  const rest = differences.shift();
  if (rest) showItem(rest, at("item-note").textContent);
  else alone(nextItem);
}

function undo() {
  alone(async () => {
    const state = await act("/api/undo", {});
    at("saved").textContent = "Taken back";
    if (deciding) await nextItem();
    else show(state, "Taken back. Answer it again.");
  });
}

function toggleDeciding() {
  if (!me?.decides) return;
  alone(async () => {
    deciding = !deciding;
    at("to-differences").firstChild.textContent = deciding ? "Label " : "Differences ";
    await nextItem();
  });
}

let searching = 0;
async function search() {
  const number = (searching += 1);
  const { found } = await get(`/api/search?words=${encodeURIComponent(at("words").value)}`).catch(() => ({ found: [] }));
  if (number !== searching) return; // a later search has been typed meanwhile
  at("found").replaceChildren(
    ...found.map((one) => {
      const button = node("button", undefined, "plain");
      button.type = "button";
      button.append(node("span", one.text), node("b", one.own === "" ? "skipped" : (one.own ?? "")));
      button.addEventListener("click", () => {
        at("search").close();
        deciding = false;
        alone(async () => show(await get(`/api/item?id=${encodeURIComponent(one.id)}`)));
      });
      const entry = node("li");
      entry.append(button);
      return entry;
    }),
  );
}

function openSearch() {
  at("words").value = "";
  at("found").replaceChildren();
  at("search").showModal();
  at("words").focus();
}

function buildLabels() {
  at("labels").replaceChildren(
    ...setup.labels.map((label, place) => {
      const button = node("button", undefined, `label hue${place % 9}`);
      button.type = "button";
      button.dataset.label = label;
      if (place < 9) button.append(node("kbd", String(place + 1)));
      const name = node("span", label);
      name.dir = "auto";
      button.append(name);
      button.addEventListener("click", () => answer(label));
      return button;
    }),
  );
}

async function download(format) {
  const file = await (await ask(`/api/export?format=${format}`)).blob();
  const link = node("a");
  link.href = URL.createObjectURL(file);
  link.download = `answers.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (!me || document.querySelector("dialog[open]") || event.target.closest("input, textarea, select")) return;
  const place = "123456789".indexOf(event.key);
  const does = { s: skip, u: undo, "/": openSearch, "?": () => at("help").showModal(), d: toggleDeciding, n: () => alone(nextItem) };
  const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (place >= 0 && place < setup.labels.length) answer(setup.labels[place]);
  else if (Object.hasOwn(does, name)) does[name]();
  else return;
  event.preventDefault();
}

function begin(rater) {
  me = rater;
  if (!key) sessionStorage.setItem("rater", rater.name);
  at("who").textContent = rater.name;
  at("choose").hidden = true;
  at("work").hidden = at("nav").hidden = false;
  at("to-differences").hidden = at("export").hidden = at("help-differences").hidden = !rater.decides;
  at("help-differences").nextElementSibling.hidden = !rater.decides;
  alone(nextItem);
}

function choose() {
  at("choose").hidden = false;
  at("names").replaceChildren(
    ...setup.raters.map((rater) => {
      const button = node("button", undefined, "label");
      button.type = "button";
      button.append(node("span", rater.name));
      button.addEventListener("click", () => begin(rater));
      return button;
    }),
  );
}

async function start() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (given.get("key")) {
    key = given.get("key");
    sessionStorage.setItem("key", key);
    history.replaceState(null, "", location.pathname); // the key does not stay in the address
  }
  try {
    setup = await get("/api/setup");
  } catch (error) {
    notice(error instanceof Refused ? error.message : "The service does not answer. Load the page again.");
    return;
  }
  if (!setup.keyed) {
    key = null;
    sessionStorage.removeItem("key");
  }
  buildLabels();
  at("agreement-box").hidden = setup.per_item < 2;
  at("guidelines-box").hidden = !setup.guidelines;
  at("guidelines-box").open = window.innerWidth > 16 * SMALL;
  at("guidelines").textContent = setup.guidelines;
  const name = given.get("rater") ?? sessionStorage.getItem("rater");
  const known = setup.keyed ? setup.rater : setup.raters.find((rater) => rater.name === name) ?? (setup.raters.length === 1 ? setup.raters[0] : null);
  if (known) begin(known);
  else choose();
}

async function look() {
  if (me && !busy && !document.hidden) {
    const state = await get("/api/progress").catch(() => null);
    if (state) showFar(state);
  }
}

document.addEventListener("keydown", pressed);
at("skip").addEventListener("click", skip);
at("undo").addEventListener("click", undo);
at("to-search").addEventListener("click", openSearch);
at("to-help").addEventListener("click", () => at("help").showModal());
at("to-differences").addEventListener("click", toggleDeciding);
at("words").addEventListener("input", search);
for (const button of at("export").querySelectorAll("button")) {
  button.addEventListener("click", () => download(button.dataset.format).catch(() => notice("The export did not come.")));
}
setInterval(look, LOOK_MS);
start();
