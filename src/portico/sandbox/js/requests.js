// Requests: what a turn asks of the host, and who waits for the answer.

const pending = new Map(); // id → request that waits for its answer
const openOf = new Map(); // event → number of its open requests
let requestNumber = 0;

const openRequests = (ev) => openOf.get(ev) ?? 0;

// `settle` is called with the answer, in the turn that brings it.
function openRequest(fields, texts, settle) {
  if (pending.size >= limits.requests) throw new Error(`too many requests are open at once (${limits.requests})`);
  const id = `${generation}.${++requestNumber}`;
  emit({ id, ...fields }, texts);
  pending.set(id, { ev: current, settle });
  openOf.set(current, openRequests(current) + 1);
}

// The answer of a request. An id that is not known belongs to a context that is gone.
function answered(input) {
  const request = pending.get(input.id);
  if (request === undefined) return;
  pending.delete(input.id);
  current = request.ev;
  const left = openRequests(current) - 1;
  if (left > 0) openOf.set(current, left);
  else openOf.delete(current);
  request.settle(input);
}

// ---- Questions to the user (hard-cases 33)

const cancelled = new WeakSet(); // errors of those who said no: nobody's mistake, so nobody is told

// Gives what the browser answered; rejects if the user refuses, or does not answer in time.
function ask(about, fields) {
  return new TrackedPromise((resolve, reject) => {
    openRequest({ k: "ask", about, ...fields }, [], ({ ok, value, message }) => {
      if (ok) return resolve(value);
      const error = new Error(message || "The user did not agree.");
      error.name = "Cancelled";
      cancelled.add(error);
      reject(error);
    });
  });
}

const confirmed = (question) => ask("confirm", { question });
