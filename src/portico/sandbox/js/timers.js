// Timers are the browser's: it posts a `tick` when one is due (R5). Here stands what a tick runs.

const timers = new Map(); // id → { repeat, run }
let timerNumber = 0;

// Ids carry the context's generation, so that a tick of a context that is gone meets no other timer.
const timerId = (name) => `${generation}.${name}`;

// A `name` is the third argument of setInterval: an interval of that name takes the place of the one before.
function startTimer(title, callback, delay, repeat, args) {
  forbidInBinding(title);
  if (typeof callback !== "function") throw new TypeError(`${title} needs a function`);
  const named = repeat && typeof args[0] === "string" && args[0] !== "";
  const id = named ? timerId(`n.${args[0]}`) : timerId(`t${++timerNumber}`);
  if (!timers.has(id) && timers.size >= limits.timers) throw new Error(`too many timers are running (${limits.timers})`);
  timers.set(id, { title, repeat, run: () => callback(...args) });
  const ms = Math.max(Number(delay) || 0, 0);
  emit({ k: "timer", timer: id, ms: Math.min(Math.trunc(ms), LONGEST_DELAY), repeat });
  return id;
}

// A day: longer waits than a page is open for.
const LONGEST_DELAY = 86_400_000;

// Takes what the function that started it returned, or the name of an interval. One that is not running is nothing.
function stopTimer(title, which) {
  forbidInBinding(title);
  const id = timers.has(which) ? which : timerId(`n.${textOf(which)}`);
  if (timers.delete(id)) emit({ k: "timerOff", timer: id });
}

// A timer of a context that is gone is not known here: the browser is told to stop it.
function ticked({ ev, t }) {
  const timer = timers.get(t);
  act(ev, null, timer?.title ?? "timer", () => {
    if (timer === undefined) emit({ k: "timerOff", timer: t });
    else if (!timer.repeat) timers.delete(t);
    return timer?.run();
  });
}

for (const [name, repeat] of [["setTimeout", false], ["setInterval", true]]) {
  frameworkScope.names.set(name, (callback, delay, ...args) => startTimer(name, callback, delay, repeat, args));
}
for (const name of ["clearTimeout", "clearInterval"]) {
  frameworkScope.names.set(name, (which) => stopTimer(name, which));
}
