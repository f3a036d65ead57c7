"use strict";
// Which model and version answers. Refuses to know: texts and answers.
let models = []; // as /v1/served has them
let chosen = null; // one of them
let onModel = () => {};

const gives = () => chosen?.output === "embedding";
const marks = () => chosen?.output === "entities";
const verb = () => (gives() ? "Embed" : marks() ? "Search" : "Classify");

// Version to name in a request: none where the current one is meant, so that a new release answers at once.
const pinned = () => (chosen && $("version").value !== chosen.versions.at(-1) ? $("version").value : "");

function showModels(served) {
  models = served.filter((model) => model.output !== "text"); // the others have a page of their own
  $("chat").hidden = models.length === served.length;
  const known = Math.max(0, models.findIndex((model) => model.name === chosen?.name));
  $("model").replaceChildren(...models.map((model, place) => node("option", { value: String(place), selected: place === known }, model.name)));
  $("model").parentElement.hidden = models.length === 1;
  chooseModel();
}

function chooseModel() {
  chosen = models[Number($("model").value)];
  drawVersions();
  chooseVersion();
}

function chooseVersion() {
  drawModel();
  onModel();
}

function drawVersions() {
  const versions = [...chosen.versions].reverse();
  $("version").replaceChildren(...versions.map((version, place) => node("option", { value: version }, place ? version : `${version} (current)`)));
  $("version").parentElement.hidden = versions.length === 1;
}

function drawModel() {
  const task = sentence(chosen.task.replaceAll("-", " ")).replace(/\.$/, "");
  const facts = [task, `version ${pinned() || chosen.version}`, gives() ? "" : many((marks() ? entityLabels(chosen.labels) : chosen.labels).length, "label")];
  $("name").textContent = chosen.name;
  $("about").textContent = facts.filter(Boolean).join(" · ");
  document.title = `${chosen.name} · Seatrial`;
  $("card").href = `/model-card?model=${encodeURIComponent(chosen.name)}`;
}

// A release was exchanged while the page was open: an answer tells.
function follow(version) {
  if (pinned() || version === chosen.version) return;
  chosen.versions = [...chosen.versions.filter((other) => other !== chosen.version && other !== version), version];
  chosen.version = version;
  drawVersions();
  drawModel();
}

function startModels(told) {
  onModel = told;
  $("model").addEventListener("change", chooseModel);
  $("version").addEventListener("change", chooseVersion);
}
