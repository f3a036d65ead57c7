"use strict";
// Answers of a model that marks parts of texts. Refuses to know: requests.
const MOST_HUES = 6; // further labels share colours; their names stand beside them anyway

// Colours by label, in the order in which labels are named.
const entityHues = (labels) => new Map(labels.map((label, place) => [label, `hue${place % MOST_HUES}`]));

// The labels behind tags such as B-PER and I-PER.
const entityLabels = (tags) => [...new Set(tags.filter((tag) => tag !== "O").map((tag) => tag.slice(2)))];

// The text with its entities marked. Positions count characters, of which a JavaScript string may hold two for one.
function markedText(text, entities, hues) {
  const characters = Array.from(text);
  const marked = node("p", { className: "marked", dir: "auto" });
  let place = 0;
  for (const { start, end, label, score } of entities) {
    const name = foreign("small", label);
    marked.append(
      characters.slice(place, start).join(""),
      node("mark", { className: hues.get(label) ?? "hue0", title: `${label} ${percent(score)}` }, characters.slice(start, end).join(""), name),
    );
    place = end;
  }
  marked.append(characters.slice(place).join(""));
  return marked;
}

function entityView(text, answer, tags) {
  const hues = entityHues(entityLabels(tags));
  const { entities } = answer;
  if (!entities.length) return [markedText(text, [], hues), node("p", { className: "quiet" }, "Nothing was found in it.")];
  const rows = entities.map((entity) =>
    row("td", foreign("td", entity.text), foreign("td", entity.label, { className: "label" }), node("td", { className: "figure" }, percent(entity.score)), node("td", { className: "figure quiet" }, `${entity.start}–${entity.end}`)));
  return [markedText(text, entities, hues), node("div", { className: "scroll" }, table(["Found", "Label", "Score", "Characters"], rows))];
}

// How many of each label were found, in all texts.
function entitySummary(answers, tags) {
  const tally = new Map(entityLabels(tags).map((label) => [label, 0]));
  for (const answer of answers) for (const { label } of answer?.entities ?? []) tally.set(label, (tally.get(label) ?? 0) + 1);
  const total = [...tally.values()].reduce((sum, times) => sum + times, 0) || 1;
  const entries = [...tally].map(([label, times]) => [label, times / total, count(times)]);
  return node("div", {}, node("h3", {}, "Found"), bars(entries, ""));
}

function entityTable(texts, answers, tags) {
  const hues = entityHues(entityLabels(tags));
  const rows = texts.map((text, place) => {
    const answer = answers[place];
    if (!answer || "fault" in answer) return row("td", foreign("td", short(text, 400)), node("td", { className: "fault" }, answer ? answer.fault : "not answered"));
    return row("td", node("td", {}, markedText(text, answer.entities, hues)), node("td", { className: "figure" }, count(answer.entities.length)));
  });
  return table(["Text", "Found"], rows);
}
