// Globals that scripts expect and the engine lacks, or has in a form that tells too much.

function define(name, value) {
  defineProperty(global, name, { value, writable: true, configurable: true });
}

// ---- console

const LINE_LENGTH = 4000;

function shown(value) {
  if (typeof value === "string") return value;
  try {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    return isObject(value) ? stringify(value) ?? "" : String(value);
  } catch {
    return "[unprintable]";
  }
}

const says = (level) => (...args) => {
  if (logs.length > limits.logs) return;
  const text = logs.length === limits.logs ? "further lines of this turn were dropped" : args.map(shown).join(" ").slice(0, LINE_LENGTH);
  logs.push(stringify(record({ level, text })));
};

define("console", {
  log: says("log"),
  info: says("info"),
  debug: says("debug"),
  warn: says("warn"),
  error: says("error"),
});

// ---- structuredClone, for plain values, Date, Map, Set and errors, cycles included

function structuredCopy(value, seen) {
  if (typeof value === "function" || typeof value === "symbol") throw new DOMException(`${typeof value} cannot be cloned`, "DataCloneError");
  if (!isObject(value)) return value;
  const raw = unwrap(value);
  if (seen.has(raw)) return seen.get(raw);
  const clone = emptyLike(raw);
  seen.set(raw, clone);
  const inner = (one) => structuredCopy(one, seen);
  if (raw instanceof Map) for (const [key, one] of raw) clone.set(inner(key), inner(one));
  else if (raw instanceof Set) for (const one of raw) clone.add(inner(one));
  else if (isArray(raw) || isPlain(raw)) {
    for (const key of keysOf(raw)) defineProperty(clone, key, { value: inner(raw[key]), writable: true, enumerable: true, configurable: true });
  }
  return clone;
}

function emptyLike(value) {
  if (isArray(value)) return new Array(value.length);
  if (value instanceof NativeDate) return new NativeDate(value.getTime());
  if (value instanceof Map) return new Map();
  if (value instanceof Set) return new Set();
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (value instanceof Error) return Object.assign(new Error(value.message), { name: value.name });
  if (isPlain(value)) return {};
  throw new DOMException(`${value.constructor?.name ?? "this object"} cannot be cloned`, "DataCloneError");
}

define("structuredClone", function structuredClone(value) {
  return structuredCopy(value, new Map());
});
