// Promises that nobody waits for. The engine does not tell which rejections are never handled, so
// the one Promise of the context notes them: every promise that a script makes, or gets from a
// query or a function of ours, and every one derived from these, whether by then, catch, finally
// or await. (`constructor` is ours, not the engine's own, so `await` calls `then` as well.)

const NativePromise = Promise;
const nativeThen = NativePromise.prototype.then;
const handled = new WeakSet();
const rejected = new Map(); // promise → { reason, ev }, until handled or reported

function TrackedPromise(executor) {
  if (new.target === undefined) throw new TypeError("Promise is a class: write new Promise(…)");
  const promise = Reflect.construct(NativePromise, [executor], new.target);
  watch(promise);
  return promise;
}

// React without counting as a handler. The promise that this derives is the engine's own, seen by nobody.
function watch(promise) {
  defineProperty(promise, "constructor", { value: NativePromise, configurable: true });
  nativeThen.call(promise, undefined, (reason) => {
    if (!handled.has(promise)) rejected.set(promise, { reason, ev: current });
  });
  delete promise.constructor;
}

function then(onFulfilled, onRejected) {
  const derived = nativeThen.call(this, onFulfilled, onRejected);
  handled.add(this);
  rejected.delete(this);
  return derived;
}

Object.setPrototypeOf(TrackedPromise, NativePromise);
defineProperty(TrackedPromise, "name", { value: "Promise" });
defineProperty(TrackedPromise, "prototype", { value: NativePromise.prototype, writable: false });
defineProperty(NativePromise.prototype, "constructor", { value: TrackedPromise, writable: true, configurable: true });
defineProperty(NativePromise.prototype, "then", { value: then, writable: true, configurable: true });
defineProperty(global, "Promise", { value: TrackedPromise, writable: true, configurable: true });

const isPromise = (value) => value instanceof NativePromise;
const resolved = (value) => TrackedPromise.resolve(value);
// An async function would do, but its promise would not be one of ours.
const promised = (perform) => new TrackedPromise((resolve) => resolve(perform()));

// What the engine does with an exception of a bare microtask is to hand it to its host, where turning
// it into text would run a script without any limit. As a promise it stays here.
defineProperty(global, "queueMicrotask", {
  value: function queueMicrotask(callback) {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask needs a function");
    resolved().then(() => void callback());
  },
  writable: true,
  configurable: true,
});

// Report what nobody handled. Until its event is over somebody still may: `const a = q.run(), b = r.run(); await b; await a`.
function sweep() {
  for (const [promise, { reason, ev }] of rejected) {
    if (openRequests(ev) > 0) continue;
    rejected.delete(promise);
    reportUnhandled(reason, ev, null, null);
  }
}
