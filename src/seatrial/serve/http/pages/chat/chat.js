"use strict";
// Puts the page together: ask, show, stop, begin anew. Talks to the same routes as any other client.
let models = [];
let chosen = null;
let running = null; // AbortController of the answer that is being written
let session = newSession();
let told = ""; // the system prompt that the session was told last

// A name that nobody guesses: where the service has no keys, the name alone leads to the conversation.
function newSession() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const numberIn = (id) => ($(id).value.trim() === "" || !$(id).validity.valid ? undefined : Number($(id).value));

function bodyFor(text) {
  const system = $("system").value.trim();
  const messages = system ? [{ role: "system", content: system }] : [];
  return {
    model: chosen.name,
    session,
    messages: [...messages, { role: "user", content: text }],
    stream: true,
    stream_options: { include_usage: true },
    temperature: numberIn("temperature"),
    top_p: numberIn("top-p"),
    max_tokens: numberIn("max-tokens"),
    seed: numberIn("seed"),
  };
}

function settle() {
  running = null;
  const stopped = document.activeElement === $("stop");
  $("stop").hidden = true;
  $("go").hidden = false;
  $("messages").removeAttribute("aria-busy");
  if (stopped) $("text").focus();
}

async function send() {
  const text = $("text").value.trim();
  if (!text || !chosen || running) return;
  const system = $("system").value.trim();
  if (told && !system) await forget(); // a prompt that is gone cannot be taken back from a session
  told = system;
  const controller = (running = new AbortController());
  clearNotice();
  $("text").value = "";
  $("go").hidden = true;
  $("stop").hidden = false;
  $("messages").setAttribute("aria-busy", "true");
  addMessage("user", text);
  const answer = addMessage("assistant", "");
  const facts = { tokens: 0, firstMs: null, totalMs: 0, finish: null };
  try {
    await patiently(() => write(text, answer, facts, controller.signal), controller.signal);
    say(answer.words.textContent);
  } catch (error) {
    if (error.name === "AbortError") facts.finish = "stopped";
    else if (!(error instanceof Refused)) throw error;
    else showRefusal(error);
    if (error.name === "AbortError") say("Stopped");
    if (!answer.words.textContent) { // nothing was said: the question can be sent again
      removeLast(2);
      if (!$("text").value) $("text").value = text;
    }
  } finally {
    tell(answer, facts);
    settle();
  }
}

async function write(text, answer, facts, signal) {
  const started = performance.now();
  for await (const chunk of chunksOf(bodyFor(text), signal)) {
    facts.totalMs = performance.now() - started;
    if (chunk.usage) facts.tokens = chunk.usage.completion_tokens;
    const [choice] = chunk.choices;
    if (choice?.finish_reason) facts.finish = choice.finish_reason;
    if (!choice?.delta.content) continue;
    facts.firstMs ??= facts.totalMs;
    addWords(answer, choice.delta.content);
  }
}

// Makes the service forget, as far as it can be reached; the page forgets in any case.
async function forget() {
  const old = session;
  session = newSession();
  told = "";
  const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
  const path = `/v1/sessions/${old}?${new URLSearchParams({ model: chosen.name })}`;
  await fetch(path, { method: "DELETE", headers, credentials: "omit" }).catch(() => {});
}

async function beginAnew() {
  running?.abort();
  const began = Boolean($("messages").childElementCount);
  clearMessages();
  clearNotice();
  say("A new conversation");
  $("text").focus();
  if (began && chosen) await forget();
}

function showModels(served) {
  models = served.filter((model) => model.output === "text");
  $("model").replaceChildren(...models.map((model, place) => node("option", { value: String(place) }, model.name)));
  $("model").parentElement.hidden = models.length < 2;
  $("form").hidden = !models.length;
  $("playground").hidden = models.length === served.length; // there is nothing to try there
  if (!models.length) {
    $("nothing").replaceChildren("No model here writes texts. ", node("a", { href: "/" }, "Try those that are served."));
    return;
  }
  chooseModel();
}

function chooseModel() {
  chosen = models[Number($("model").value || 0)];
  $("name").textContent = chosen.name;
  $("about").textContent = `version ${chosen.version} · ${many(chosen.max_length, "token")} of context`;
  document.title = `${chosen.name} · Seatrial`;
}

async function load() {
  try {
    const { answer } = await patiently(() => ask("/v1/served"));
    clearNotice();
    closeDoor();
    showModels(answer.models);
    if (!$("keyed").hidden) $("text").focus();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showRefusal(error);
  }
}

function start() {
  startDoor(load);
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  $("text").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // an input method takes Enter for itself
    event.preventDefault();
    send();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") running?.abort();
  });
  $("stop").addEventListener("click", () => running?.abort());
  $("anew").addEventListener("click", beginAnew);
  $("model").addEventListener("change", () => {
    beginAnew();
    chooseModel();
  });
  load();
}
start();
