"use strict";
// Builds every node by hand: text from outside never becomes markup. Refuses to know: models and requests.
const $ = (id) => document.getElementById(id);

// An element; `properties` are its own where it has them, attributes otherwise.
function node(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// An element of a drawing.
function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A text from outside: its own script decides its direction.
const foreign = (tag, text, properties = {}) => node(tag, { dir: "auto", ...properties }, text);

function row(cellTag, ...cells) {
  const wrapped = (cell) => (cell instanceof Node ? cell : node(cellTag, cellTag === "th" ? { scope: "col" } : {}, cell));
  return node("tr", {}, ...cells.map(wrapped));
}

function table(heads, rows, properties = {}) {
  return node("table", properties, node("thead", {}, row("th", ...heads)), node("tbody", {}, ...rows));
}

const percent = (share) => (100 * share).toFixed(1) + " %";
const count = (number) => number.toLocaleString("en");
const many = (number, one, several = one + "s") => `${count(number)} ${number === 1 ? one : several}`;
const ms = (duration) => (duration < 10 ? duration.toFixed(2) : duration < 100 ? duration.toFixed(1) : count(Math.round(duration))) + " ms";
const short = (text, most = 70) => (text.length > most ? [...text.slice(0, most)].slice(0, -1).join("") + "…" : text);

// Says something to who listens instead of looking. The same words twice would stay unheard without the change.
function say(words) {
  $("said").textContent = $("said").textContent === words ? words + "\u00a0" : words;
}
