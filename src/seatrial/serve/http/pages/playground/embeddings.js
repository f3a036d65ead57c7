"use strict";
// Answers of an embedding model. Refuses to know: requests.
const MOST_COMPARED = 12;
const FIRST_VALUES = 8;

// All values of a vector as thin bars above and below a line.
function profile(vector) {
  const most = vector.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  const path = vector.map((value, place) => `M${place + 0.5} 50V${(50 - (48 * value) / most).toFixed(2)}`).join("");
  const label = `All ${vector.length} values, from ${Math.min(...vector).toFixed(3)} to ${Math.max(...vector).toFixed(3)}`;
  return shape("svg", { class: "profile", viewBox: `0 0 ${vector.length} 100`, preserveAspectRatio: "none", role: "img", "aria-label": label },
    shape("path", { class: "axis", d: `M0 50H${vector.length}` }), shape("path", { d: path }));
}

function vectorView(answer) {
  const vector = answer.embedding;
  const first = vector.slice(0, FIRST_VALUES).map((value) => value.toFixed(4));
  const facts = node("dl", { className: "facts" },
    node("div", {}, node("dt", {}, "Length"), node("dd", {}, count(vector.length))),
    node("div", {}, node("dt", {}, "Norm"), node("dd", {}, norm(vector).toFixed(4))));
  const values = node("code", {}, first.join("  ") + (vector.length > FIRST_VALUES ? "  …" : ""));
  return [facts, node("div", { className: "tokens" }), node("div", {}, node("h3", {}, "All values"), profile(vector)),
    node("div", {}, node("h3", {}, `First ${first.length} values`), node("p", { className: "values" }, values))];
}

// A similarity matrix as a table whose cells are the deeper the more alike two texts are; `names` are the texts' numbers.
function heatMap(names, matrix) {
  const rows = matrix.map((values, at) => {
    const cells = values.map((value) => {
      const alike = Math.max(0, value) ** 2; // most texts are somewhat alike; the square tells the rest apart
      const cell = node("td", { className: alike >= 0.82 ? "high" : alike >= 0.58 ? "mid" : "" }, value.toFixed(2));
      cell.style.setProperty("--alike", `${Math.round(100 * alike)}%`);
      return cell;
    });
    return node("tr", {}, node("th", { scope: "row" }, names[at]), ...cells);
  });
  const corner = node("td", {});
  const heat = node("table", { className: "heat figure" }, node("thead", {}, row("th", corner, ...names)), node("tbody", {}, ...rows));
  return node("div", { className: "scroll", tabIndex: 0, role: "region", "aria-label": "Cosine similarity of each pair" }, heat);
}

// Several texts: who is like whom. Only the first ones, because pairs grow with the square.
function similarities(texts, answers) {
  const usable = [...texts.keys()].filter((place) => answers[place]?.embedding).slice(0, MOST_COMPARED);
  if (usable.length < 2) return [];
  const names = usable.map((place) => String(place + 1));
  const matrix = cosines(usable.map((place) => answers[place].embedding));
  const [one, other, value] = closest(matrix);
  const rest = texts.length > usable.length ? ` The first ${usable.length} are compared here; the file has all vectors.` : "";
  const words = `Most alike are ${names[one]} and ${names[other]}, with ${value.toFixed(2)}.${rest}`;
  return [node("div", {}, node("h3", {}, "Cosine similarity"), node("p", { className: "quiet" }, words)), heatMap(names, matrix)];
}

function vectorTable(texts, answers) {
  const rows = texts.map((text, place) => {
    const answer = answers[place];
    const number = node("td", { className: "quiet figure" }, String(place + 1));
    const words = foreign("td", short(text, 400));
    if (!answer || "fault" in answer) return row("td", number, words, node("td", { className: "fault" }, answer ? answer.fault : "not answered"));
    const values = answer.embedding.slice(0, 3).map((value) => value.toFixed(3)).join("  ");
    return row("td", number, words, node("td", { className: "figure" }, `${values}  …`));
  });
  return table(["", "Text", "First values"], rows);
}
