"use strict";
// An answer of the service as it is written. Refuses to know: the page.

// Server-Sent Events out of the bytes of a response: { name, data }, as soon as each is complete.
async function* eventsOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest += value;
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const event = eventOf(block);
        if (event.data !== "") yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

// One block of lines; comments, which keep a silent connection open, have no data.
function eventOf(block) {
  const event = { name: "message", data: "" };
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event.name = line.slice(6).trim();
    else if (line.startsWith("data:")) event.data += line.slice(5).replace(/^ /, "");
  }
  return event;
}

// POST a conversation → its chunks. Throws Refused, also where the answer breaks off, or AbortError.
async function* chunksOf(body, signal) {
  const headers = { "Content-Type": "application/json" };
  if (apiKey) headers.Authorization = `Bearer ${apiKey}`;
  let response;
  try {
    response = await fetch("/v1/chat/completions", { method: "POST", headers, body: JSON.stringify(body), signal, cache: "no-store", credentials: "omit" });
    if (!response.ok) throw refusalOf(response.status, await response.text(), response.headers.get("Retry-After"));
    for await (const { name, data } of eventsOf(response.body)) {
      if (name === "error") throw refusalOf(200, data, null);
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  } catch (error) {
    if (error.name === "AbortError" || error instanceof Refused) throw error;
    throw new Refused(0, "The service does not answer.", "Is it still running?");
  }
  throw new Refused(0, "The answer broke off.", "Ask again.");
}
