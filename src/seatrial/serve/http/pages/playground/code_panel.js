"use strict";
// The panel with code to copy. Refuses to know: how the code comes about.
const PROTOCOLS = ["rest", "openai", "v2"];
let shownProtocol = "rest";
let shownSnippets = null;

function showCode(made, note) {
  shownSnippets = made;
  $("code").hidden = false;
  $("code-note").textContent = note;
  drawCode();
}

function drawCode() {
  for (const protocol of PROTOCOLS) {
    const chosen = protocol === shownProtocol;
    const tab = $(`tab-${protocol}`);
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
  }
  $("snippets").setAttribute("aria-labelledby", `tab-${shownProtocol}`);
  if (!shownSnippets) return;
  $("curl").textContent = shownSnippets[shownProtocol].curl;
  $("python").textContent = shownSnippets[shownProtocol].python;
}

function chooseTab(protocol) {
  shownProtocol = protocol;
  drawCode();
}

// Arrow keys move between tabs, as in every row of tabs; Home and End go to its ends.
function moveTab(event) {
  const at = PROTOCOLS.indexOf(shownProtocol);
  const last = PROTOCOLS.length - 1;
  const next = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  chooseTab(PROTOCOLS[next]);
  $(`tab-${PROTOCOLS[next]}`).focus();
}

// Browsers give pages without TLS no clipboard, except on the own machine; there the old way still works.
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return document.execCommand("copy");
  }
}

async function copy(button) {
  const done = await copied($(button.dataset.copies));
  const name = button.textContent;
  button.textContent = done ? "Copied" : "Press Ctrl C";
  say(done ? "Copied" : "The code is selected. Press Ctrl C to copy it.");
  await pause(1500);
  button.textContent = name;
}

function startCode() {
  for (const protocol of PROTOCOLS) {
    $(`tab-${protocol}`).addEventListener("click", () => chooseTab(protocol));
    $(`tab-${protocol}`).addEventListener("keydown", moveTab);
  }
  for (const button of document.querySelectorAll("[data-copies]")) {
    let busy = false;
    button.addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      await copy(button);
      busy = false;
    });
  }
  drawCode();
}
