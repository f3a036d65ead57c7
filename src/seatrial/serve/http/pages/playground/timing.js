"use strict";
// Where the time of one answer went, as a small stacked bar. Refuses to know: what was asked.

// The steps of an answer's time, in order: [class, name, milliseconds]. What the fields leave over is named as such.
function steps(answer, roundTripMs) {
  const { tokenize_ms: tokenize = 0, queue_ms: queue = 0, compute_ms: compute = 0 } = answer.timings ?? {};
  const inside = answer.latency_ms ?? tokenize + queue + compute;
  return [
    ["tokenize", "Tokenize", tokenize],
    ["queue", "Queue", queue],
    ["compute", "Compute", compute],
    ["rest", "Rest of the service", Math.max(0, inside - tokenize - queue - compute)],
    ["network", "Network and browser", Math.max(0, roundTripMs - inside)],
  ];
}

function timingBar(answer, roundTripMs) {
  const shown = steps(answer, roundTripMs);
  const total = shown.reduce((sum, [, , duration]) => sum + duration, 0) || 1;
  const bar = node("div", { className: "stack", "aria-hidden": "true" });
  const legend = node("ul", { className: "legend" });
  for (const [kind, name, duration] of shown) {
    const part = node("i", { className: kind });
    part.style.flexGrow = duration / total;
    bar.append(part);
    legend.append(node("li", {}, node("i", { className: kind, "aria-hidden": "true" }), `${name} `, node("b", {}, ms(duration))));
  }
  const title = node("div", { className: "row" }, node("h3", {}, "Where the time went"), node("span", { className: "quiet figure" }, `${ms(roundTripMs)} in all`));
  return node("div", { className: "timing" }, title, bar, legend);
}
