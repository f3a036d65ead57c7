"use strict";
// One request and what it can come to. Refuses to know: the page.

// The key lives in this variable and nowhere else: no storage, no address, gone with the page.
let apiKey = "";

class Refused extends Error {
  constructor(status, message, hint = "", retryAfterS = null) {
    super(message);
    Object.assign(this, { status, hint, retryAfterS });
  }
}

// Seconds that a Retry-After header asks for, in either of its two forms; null where it says nothing usable.
function retryAfterS(header, nowMs = Date.now()) {
  if (header === null || header.trim() === "") return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, Math.ceil((until - nowMs) / 1000));
}

// A refusal from what came back, whoever wrote it: the service, or something on the way to it.
function refusalOf(status, text, header) {
  let said = null;
  try {
    said = JSON.parse(text).error;
  } catch {
    // not the service's own words
  }
  const message = typeof said?.message === "string" ? said.message : `the service answered with status ${status}`;
  return new Refused(status, message, typeof said?.hint === "string" ? said.hint : "", retryAfterS(header));
}

// GET, or POST with a body → { answer, roundTripMs }. Throws Refused, or AbortError when `signal` says so.
async function ask(path, body = null, signal = undefined) {
  const headers = body === null ? {} : { "Content-Type": "application/json" };
  if (apiKey) headers.Authorization = `Bearer ${apiKey}`;
  const sent = body === null ? undefined : JSON.stringify(body);
  const started = performance.now();
  let response, text;
  try {
    response = await fetch(path, { method: sent ? "POST" : "GET", headers, body: sent, signal, cache: "no-store", credentials: "omit" });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The service does not answer.", "Is it still running?");
  }
  const roundTripMs = performance.now() - started;
  if (!response.ok) throw refusalOf(response.status, text, response.headers.get("Retry-After"));
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return { answer: text, roundTripMs };
  return { answer: JSON.parse(text), roundTripMs };
}

// Resolves after a while, or throws AbortError as soon as `signal` says so.
function pause(durationMs, signal = undefined) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, durationMs);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

// How long to wait before attempt number `attempt` + 1 (from 0) after a refusal; null where waiting does not help.
function waitS(error, attempt) {
  if (error.status === 429) return error.retryAfterS ?? 5;
  if (error.status === 503 && attempt < 12) return error.retryAfterS ?? Math.min(2 ** attempt, 8);
  if ((error.status === 0 || error.status === 502 || error.status === 504) && attempt < 6) return Math.min(2 ** attempt, 8);
  return null;
}
