"use strict";
// The conversation on the page. Refuses to know: how an answer comes.
const NAMES = { user: "You", assistant: "Model" };
const NEAR_END_PX = 80;

// Adds a message; the element that holds its text.
function addMessage(role, text) {
  const words = foreign("p", text, { className: "words" });
  const facts = node("small", { className: "quiet figure" });
  $("messages").append(node("li", { className: role }, node("b", { className: "who" }, NAMES[role]), words, facts));
  $("nothing").hidden = true;
  showEnd(true);
  return { words, facts };
}

// Follows what is written, unless the reader has gone back to what was said before.
function showEnd(always = false) {
  const list = $("messages");
  const near = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
  if (near || always) list.scrollTop = list.scrollHeight;
}

function addWords(message, text) {
  message.words.append(text);
  message.words.normalize();
  showEnd();
}

function removeLast(count) {
  for (let left = count; left; left -= 1) $("messages").lastElementChild?.remove();
  $("nothing").hidden = Boolean($("messages").childElementCount);
}

function clearMessages() {
  $("messages").replaceChildren();
  $("nothing").hidden = false;
}

// What is told below an answer: its length, how fast it came, why it ended.
function tell(message, { tokens, firstMs, totalMs, finish }) {
  const facts = [];
  if (tokens) facts.push(many(tokens, "token"));
  if (firstMs !== null) facts.push(`first after ${ms(firstMs)}`);
  if (tokens > 1 && totalMs > firstMs) facts.push(`${((1000 * (tokens - 1)) / (totalMs - firstMs)).toFixed(0)} a second`);
  if (finish === "length") facts.push("cut at its longest");
  if (finish === "stopped") facts.push("stopped");
  message.facts.textContent = facts.join(" · ");
}
