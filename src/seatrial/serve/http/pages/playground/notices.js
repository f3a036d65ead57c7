"use strict";
// What the page says when there is no answer, and the field for a key. Refuses to know: what was asked.

// A refusal in words for who sits in front of the page, not for who writes a client: [message, what to do].
function explained(error) {
  if (error.status === 401) return apiKey ? ["This key is not valid.", "Check it, or ask who runs this service for another."] : ["This service asks for a key.", "Enter one above."];
  if (error.status === 403) return ["This key may not do that.", error.hint || "Ask who runs this service for a key with the scope “predict”."];
  if (error.status === 429) return ["This key has used up its rate.", ""];
  if (error.status === 503) return ["The service is busy.", sentence(error.message)];
  return [sentence(error.message), sentence(error.hint)];
}

function sentence(words) {
  const trimmed = words.trim();
  if (!trimmed) return "";
  return trimmed[0].toUpperCase() + trimmed.slice(1) + (/[.!?]$/.test(trimmed) ? "" : ".");
}

function notice(error) {
  const [message, hint] = explained(error);
  const box = node("div", { className: "error" }, foreign("p", message));
  if (hint) box.append(foreign("small", hint));
  return box;
}

function showRefusal(error) {
  $("notice").replaceChildren(notice(error));
  say(explained(error).filter(Boolean).join(" "));
  if (error.status === 401 || error.status === 403) openDoor(error);
}

const clearNotice = () => $("notice").replaceChildren();

// Shows a refusal with the seconds that are left, waits as long, and takes it away again.
async function countDown(error, seconds, signal) {
  const left = node("b", {}, "");
  const box = notice(error);
  box.classList.add("waiting");
  box.append(node("small", {}, "Trying again in ", left, ". Escape stops it."));
  $("notice").replaceChildren(box);
  say(`${explained(error)[0]} Trying again in ${many(Math.ceil(seconds), "second")}.`);
  const until = performance.now() + 1000 * seconds;
  const tick = () => (left.textContent = `${Math.max(1, Math.ceil((until - performance.now()) / 1000))} s`);
  tick();
  const timer = setInterval(tick, 250);
  try {
    await pause(1000 * seconds, signal);
  } finally {
    clearInterval(timer);
    if (box.isConnected) clearNotice();
  }
}

// `request()` until it gives something; waits where the service says that waiting helps.
async function patiently(request, signal) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const seconds = error instanceof Refused ? waitS(error, attempt) : null;
      if (seconds === null) throw error;
      await countDown(error, seconds, signal);
    }
  }
}

// The door: a field for a key, shown when the service has asked for one.
let onKey = () => {};

function openDoor(error) {
  const hidden = $("door").hidden;
  $("door").hidden = false;
  $("door-says").textContent = explained(error)[0];
  if (hidden || error.status === 401) $("key").focus();
}

function useKey(event) {
  event.preventDefault();
  const given = $("key").value.trim();
  if (!/^[\x21-\x7e]+$/.test(given)) {
    $("door-says").textContent = "A key consists of letters, digits and signs, without spaces.";
    return;
  }
  apiKey = given;
  $("key").value = "";
  onKey();
}

function closeDoor() {
  $("door").hidden = true;
  $("keyed").hidden = !apiKey;
}

function startDoor(whenKeyed) {
  onKey = whenKeyed;
  $("door").addEventListener("submit", useKey);
  $("forget").addEventListener("click", () => {
    apiKey = "";
    $("keyed").hidden = true;
    openDoor(new Refused(401, ""));
  });
}
