// Last: nothing that a script made may reach the engine's host as an exception, where it would be
// turned into text by the script's own code, without any limit.

// Only errors of the engine itself still get out; their text is made from what is frozen here.
for (const name of Object.getOwnPropertyNames(global)) {
  const constructor = global[name];
  const prototype = typeof constructor === "function" ? constructor.prototype : undefined;
  if (prototype === Error.prototype || prototype instanceof Error) hardenErrors(prototype);
}

function hardenErrors(prototype) {
  defineProperty(prototype, Symbol.toPrimitive, { value: undefined });
  // Accessors, so that `this.name = …` in a class that extends Error still gives the instance its own (R14).
  for (const name of ["name", "message", "toString", "constructor"]) {
    const own = Object.getOwnPropertyDescriptor(prototype, name);
    if (own === undefined || !("value" in own)) continue;
    defineProperty(prototype, name, {
      get: () => own.value,
      set(value) {
        if (this !== prototype) defineProperty(this, name, { value, writable: true, enumerable: false, configurable: true });
      },
      enumerable: false,
    });
  }
  freeze(prototype);
}

// A formatter would run whenever the engine makes an error of its own.
defineProperty(Error, "prepareStackTrace", { value: undefined, writable: false, configurable: false });
Error.stackTraceLimit = 50;
defineProperty(Error, "stackTraceLimit", { get: () => 50, set() {}, configurable: false });

// Memory that threads share, a clock beside the turn's, and callbacks at the collector's whim, whose exceptions reach the host.
for (const name of ["SharedArrayBuffer", "Atomics", "performance", "FinalizationRegistry", "gc"]) delete global[name];

function guarded(entry) {
  return (text) => {
    try {
      return entry(text);
    } catch (error) {
      try {
        return fault === OK ? faultOf(error) : fault;
      } catch {
        return FAILED;
      }
    }
  };
}

for (const [name, entry] of Object.entries({ boot, equip, begin, step, settle, finish, snapshot })) {
  defineProperty(global, `__${name}`, { value: guarded(entry), configurable: true });
}
defineProperty(global, "__page", { value: page, configurable: true });
