"use strict";
// Answers of a classifier. Refuses to know: requests.
const MOST_BARS = 8;

function bar(share, best) {
  const fill = node("i");
  fill.style.width = `${100 * share}%`;
  return node("div", { className: best ? "track best" : "track", "aria-hidden": "true" }, fill);
}

// Bars of [label, share, figure]; `best` is the label that stands out.
function bars(entries, best) {
  const list = node("dl", { className: "bars" });
  for (const [label, share, figure] of entries) {
    const className = label === best ? "best" : "";
    list.append(foreign("dt", label, { className }), node("dd", { className: "drawn" }, bar(share, className)), node("dd", { className }, figure));
  }
  return list;
}

// One text's answer. The part for its tokens is filled by what explains an answer, and takes no room while it is empty.
function verdict(answer) {
  const entries = Object.entries(answer.scores).map(([label, share]) => [label, share, percent(share)]);
  const head = node("div", { className: "verdict" }, foreign("strong", answer.label), node("span", {}, percent(answer.score)));
  const parts = [head, node("div", { className: "tokens" })];
  if (entries.length <= MOST_BARS) return [...parts, bars(entries, answer.label)];
  entries.sort((a, b) => b[1] - a[1]);
  const more = node("details", {}, node("summary", {}, `${entries.length - MOST_BARS} more labels`), bars(entries.slice(MOST_BARS), ""));
  return [...parts, bars(entries.slice(0, MOST_BARS), answer.label), more];
}

// How often each label was given, the most frequent first.
function labelCounts(answers, labels) {
  const tally = new Map(labels.map((label) => [label, 0]));
  const usable = answers.filter((answer) => answer && !("fault" in answer));
  for (const { label } of usable) tally.set(label, (tally.get(label) ?? 0) + 1);
  const total = usable.length || 1;
  return [...tally].map(([label, times]) => [label, times / total, `${count(times)} · ${percent(times / total)}`]);
}

function labelSummary(answers, labels) {
  const entries = labelCounts(answers, labels);
  if (entries.length > MOST_BARS) entries.sort((a, b) => b[1] - a[1]);
  const summary = bars(entries.slice(0, MOST_BARS), entries.reduce((a, b) => (b[1] > a[1] ? b : a))[0]);
  summary.classList.add("counts");
  return node("div", {}, node("h3", {}, "Labels"), summary);
}

function labelRow(text, answer) {
  if (!answer || "fault" in answer) {
    return row("td", foreign("td", short(text, 400)), node("td", { className: "fault", colSpan: 2 }, answer ? answer.fault : "not answered"));
  }
  return row("td", foreign("td", short(text, 400)), foreign("td", answer.label, { className: "label" }), node("td", { className: "figure" }, percent(answer.score)));
}

const labelTable = (texts, answers) => table(["Text", "Label", "Score"], texts.map((text, place) => labelRow(text, answers[place])));
