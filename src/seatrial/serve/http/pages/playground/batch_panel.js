"use strict";
// Many texts: progress, what came out, and the file to take away. Refuses to know: how requests are made.
const MOST_ROWS = 100;

function startProgress() {
  const meter = node("progress", { max: 1, value: 0, "aria-label": "Texts answered" });
  const words = node("span", { className: "quiet figure" });
  $("progress").replaceChildren(meter, words);
  $("progress").hidden = false;
  const started = performance.now();
  let begun = null; // done before this run
  let quarter = 0;
  return ({ done, total }) => {
    begun ??= done;
    meter.max = total;
    meter.value = done;
    const seconds = (performance.now() - started) / 1000;
    const rate = (done - begun) / seconds;
    const left = rate > 0 && seconds > 1 && done < total ? ` · ${Math.ceil((total - done) / rate)} s left` : "";
    words.textContent = `${count(done)} of ${count(total)}` + (rate > 0 ? ` · ${count(Math.round(rate))} texts/s` : "") + left;
    if (Math.floor((4 * done) / total) > quarter && done < total) {
      quarter = Math.floor((4 * done) / total);
      say(`${count(done)} of ${count(total)} texts answered`);
    }
  };
}

const endProgress = () => ($("progress").hidden = true);

// Hands a text over as a file.
function save({ name, type, text }) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = node("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// The button that saves; says what was changed so that a spreadsheet runs nothing.
function download(run, labels) {
  const words = node("p", { className: "quiet" });
  const button = node("button", { type: "button", className: "second", id: "download" }, "Download answers");
  button.addEventListener("click", () => {
    const file = labelled(run.name, run.table, run.answers, run.output === "scores" ? labels : [], run.bom, run.output);
    save(file);
    const safe = file.neutralised
      ? ` ${many(file.neutralised, "cell begins", "cells begin")} with ' in it, because a spreadsheet would take ${file.neutralised === 1 ? "it" : "them"} for ${file.neutralised === 1 ? "a formula" : "formulas"}.`
      : "";
    words.textContent = `Saved as ${file.name}.${safe}`;
    say(words.textContent);
  });
  return [button, words];
}

// Everything about a run that has ended, or was stopped.
//   run  { output, name, texts, table, answers, versions, bom, resume }; `resume` asks for what is missing
function drawRun(run, labels) {
  const { texts, answers } = run;
  const missing = answers.filter((answer) => answer === null).length;
  const faults = answers.filter((answer) => answer && "fault" in answer).length;
  const head = node("div", { className: "row" });
  const [button, words] = download(run, labels);
  if (missing) {
    const more = node("button", { type: "button", className: "second", id: "resume" }, `Continue with ${count(missing)}`);
    more.addEventListener("click", run.resume);
    head.append(more);
  }
  head.append(button);
  const remarks = [];
  if (missing) remarks.push(`${count(missing)} not answered yet.`);
  if (faults) remarks.push(`${many(faults, "text")} could not be used.`);
  if (run.versions.size > 1) remarks.push(`The model was exchanged meanwhile: versions ${[...run.versions].join(", ")} answered.`);
  const answered = answers.some((answer) => answer && !("fault" in answer));
  const marked = run.output === "entities";
  const overview = !answered ? [] : marked ? [entitySummary(answers, labels)] : labels.length ? [labelSummary(answers, labels)] : similarities(texts, answers);
  const first = texts.slice(0, MOST_ROWS);
  const list = marked ? entityTable(first, answers, labels) : labels.length ? labelTable(first, answers) : vectorTable(first, answers);
  const scroll = node("div", { className: "scroll tall", tabIndex: 0, role: "region", "aria-label": "Answers" }, list);
  const caption = texts.length > MOST_ROWS ? [node("p", { className: "quiet" }, `The first ${MOST_ROWS} of ${count(texts.length)}; the file has all.`)] : [];
  const remark = remarks.length ? [node("p", { className: "remark" }, remarks.join(" "))] : [];
  $("result").replaceChildren(...overview, ...remark, scroll, ...caption, head, words);
}
