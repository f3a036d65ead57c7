"use strict";
// Many texts through a service that takes a few at a time. Refuses to know: the page and what an answer looks like.
const PARALLEL = 2; // enough to keep the service busy while an answer travels; more would push others out of its queue

// Answers every text.
//   texts    strings, in order
//   options  send(texts, signal) → one answer per text, or throws Refused
//            size      texts in one request, at most
//            signal    AbortSignal; what was answered until then stays in `answers`
//            answers   an earlier run's array: only what is missing there is asked for
//            told      called with { done, total, waitS } when either changes
//            wait      pause(ms, signal), replaced by tests
// Returns an array with, per text, its answer, or { fault } where the service cannot use the text.
async function answerAll(texts, options) {
  const { send, size, signal, told = () => {}, wait = pause, parallel = PARALLEL } = options;
  const answers = options.answers ?? new Array(texts.length).fill(null);
  texts.forEach((text, index) => {
    if (!text.trim()) answers[index] ??= { fault: "empty" };
  });
  const missing = [...texts.keys()].filter((index) => answers[index] === null);
  const queue = [];
  for (let first = 0; first < missing.length; first += size) queue.push(missing.slice(first, first + size));
  let done = texts.length - missing.length;
  let resumeAt = 0; // a refusal counts for all: who was told to wait does not send the next one either
  let failure = null;

  function keep(index, answer) {
    answers[index] = answer;
    done += 1;
  }

  // Sends one job until something comes of it; throws what waiting does not cure.
  async function answered(job) {
    for (let attempt = 0; !failure; attempt += 1) {
      while (resumeAt > performance.now()) await wait(resumeAt - performance.now(), signal);
      try {
        const got = await send(job.map((index) => texts[index]), signal);
        job.forEach((index, place) => keep(index, got[place]));
        return;
      } catch (error) {
        if (setAside(job, error)) return;
        const seconds = error instanceof Refused ? waitS(error, attempt) : null;
        if (seconds === null) throw error;
        resumeAt = Math.max(resumeAt, performance.now() + 1000 * seconds);
        told({ done, total: texts.length, waitS: seconds, refusal: error });
      }
    }
  }

  // One unusable text, or a request that is too large, does not stop the others. Says whether that was it.
  function setAside(job, error) {
    if (error.status === 422) {
      const found = /^inputs\[(\d+)\] (.*)/s.exec(error.message);
      const place = found ? Number(found[1]) : NaN;
      if (!(place < job.length)) return false;
      keep(job[place], { fault: found[2] });
      const rest = job.filter((_, other) => other !== place);
      if (rest.length) queue.unshift(rest);
      return true;
    }
    if (error.status !== 413) return false;
    if (job.length === 1) keep(job[0], { fault: "too large" });
    else queue.unshift(job.slice(0, job.length >> 1), job.slice(job.length >> 1));
    return true;
  }

  async function work() {
    for (let job; !failure && (job = queue.shift()); ) {
      try {
        signal?.throwIfAborted();
        await answered(job);
      } catch (error) {
        failure ??= error;
      }
      told({ done, total: texts.length, waitS: 0, refusal: null });
    }
  }
  await Promise.all(Array.from({ length: parallel }, work));
  if (failure) throw failure;
  return answers;
}
