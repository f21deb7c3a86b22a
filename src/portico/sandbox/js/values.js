// Values on their way in and out: JSON text, copies, snapshot tags, and errors as data.

const { stringify, parse } = JSON;
const { isArray } = Array;
const { defineProperty, getPrototypeOf, freeze, keys: keysOf } = Object;
const ObjectPrototype = Object.prototype, ArrayPrototype = Array.prototype;
const NativeDate = Date, NativeInternalError = InternalError;

// What we stringify ourselves has no prototype: a `toJSON` that a script puts on Object.prototype has no say in it.
const record = (fields) => Object.assign(Object.create(null), fields);
const jsonObject = (pairs) => "{" + pairs.map(([key, text]) => stringify(key) + ":" + text).join(",") + "}";
const jsonList = (texts) => "[" + texts.join(",") + "]";

// The engine keeps long concatenations as trees, which its host cannot read: this gives one piece.
const { apply } = Reflect, { join } = Array.prototype;
const flat = (text) => apply(join, [text], [""]);

// JSON has no undefined, and neither have functions a JSON form: both are null in what leaves the sandbox.
const json = (value) => stringify(value) ?? "null";

function copy(value) {
  const text = stringify(value);
  return text === undefined ? undefined : parse(text);
}

const isObject = (value) => value !== null && typeof value === "object";

function isPlain(value) {
  const prototype = getPrototypeOf(value);
  return prototype === ObjectPrototype || prototype === ArrayPrototype || prototype === null;
}

// For values that come from JSON, hence no cycles. With a list instead of recursion, as their depth is not ours to choose.
function deepFreeze(value) {
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (!isObject(next) || Object.isFrozen(next)) continue;
    freeze(next);
    for (const key of keysOf(next)) waiting.push(next[key]);
  }
  return value;
}

// How a value reads inside text: as `{{ }}` between other words shows it.
function textOf(value) {
  if (value === undefined || value === null || typeof value === "function") return "";
  return typeof value === "object" ? stringify(value) ?? "" : String(value);
}

// ---- Errors

const MESSAGE_LENGTH = 2000;
const FRAME = /<input>:(\d+):(\d+)/g;
let programStart = 0; // Lines up to here are the runtime's own; the app's program is evaluated below them.
let fault = 0; // Set when the engine itself gave up on a script: the context is not to be trusted any more.
const OK = 0, FAILED = -1, MEMORY = -2, OVERRUN = -3, TOO_MUCH = -4;

// The engine's own errors can be caught by scripts; nothing that follows one of them is worth keeping.
function faultOf(error) {
  if (!isObject(error) || getPrototypeOf(error) !== NativeInternalError.prototype) return FAILED;
  if (error.message === "out of memory") return MEMORY;
  return error.message === "interrupted" ? OVERRUN : FAILED;
}

// What was thrown may be anything, a Proxy that throws included.
function describe(error) {
  const found = record({ name: "Error", message: "", line: null, column: null });
  try {
    const cause = faultOf(error);
    if (cause !== FAILED) fault = cause;
    if (!isObject(error)) {
      found.message = String(error).slice(0, MESSAGE_LENGTH);
      return found;
    }
    found.name = String(error.name || "Error").slice(0, 100);
    found.message = String(error.message ?? "").slice(0, MESSAGE_LENGTH);
    for (const [, line, column] of String(error.stack ?? "").matchAll(FRAME)) {
      if (+line > programStart) {
        found.line = +line - programStart;
        found.column = +column;
        break;
      }
    }
  } catch {
    found.message ||= "the error cannot be read";
  }
  return found;
}

// ---- Snapshot form: JSON, with tags for the values that JSON lacks

class Unkeepable {
  constructor(kind) {
    this.kind = kind;
  }
}

const TAGS = new Set(["$date", "$undefined", "$number", "$plain"]);

// Throws Unkeepable, which names why a value cannot be kept.
function encode(value, above = []) {
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (typeof value === "function" || typeof value === "bigint" || typeof value === "symbol") throw new Unkeepable(typeof value);
  if (!isObject(value)) return value;
  if (value instanceof NativeDate) return { $date: value.getTime() };
  if (!isPlain(value)) throw new Unkeepable(String(value.constructor?.name || "object"));
  if (above.includes(value)) throw new Unkeepable("cycle");
  if (above.length > 100) throw new Unkeepable("depth");
  above.push(value);
  const kept = isArray(value) ? Array.from(value, (inner) => encode(inner, above)) : encodeFields(value, above);
  above.pop();
  return kept;
}

function encodeFields(value, above) {
  const kept = Object.create(null);
  let tagged = false;
  for (const key of keysOf(value)) {
    kept[key] = encode(value[key], above);
    tagged ||= TAGS.has(key);
  }
  return tagged ? { $plain: kept } : kept;
}

function decode(value) {
  if (!isObject(value)) return value;
  if (isArray(value)) return value.map(decode);
  const keys = keysOf(value);
  if (keys.length === 1 && TAGS.has(keys[0])) {
    const inner = value[keys[0]];
    switch (keys[0]) {
      case "$date": return new NativeDate(inner ?? NaN);
      case "$undefined": return undefined;
      case "$number": return Number(inner);
      case "$plain": return decodeFields(inner);
    }
  }
  return decodeFields(value);
}

function decodeFields(fields) {
  const value = {};
  // Not by assignment: a key `__proto__` is a key like any other here (P52).
  for (const key of keysOf(fields)) {
    defineProperty(value, key, { value: decode(fields[key]), writable: true, enumerable: true, configurable: true });
  }
  return value;
}
