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

// Levels of a value that leaves the sandbox: who reads and writes it there follows them by recursion.
const DEEPEST = 200;

// JSON for the host.
const jsonOut = (value) => bounded(json(value));

// The same text, if the value in it is not too deep. Only a long one can be, and what is read from it has neither cycles nor code.
function bounded(text) {
  if (text.length > 2 * DEEPEST && (text[0] === "[" || text[0] === "{") && isDeep(parse(text))) throw new RangeError(`a value is nested more than ${DEEPEST} levels deep`);
  return text;
}

function isDeep(value) {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= DEEPEST) return true;
    level = level.flatMap((one) => Object.values(one).filter(isObject));
  }
  return false;
}

const shallow = (value) => (isArray(value) ? value.slice() : { ...value });

// Of a value that came as JSON, without writing it as text again, as answers are large. With a list
// instead of recursion, as its depth is not ours to choose.
function copy(value) {
  if (!isObject(value)) return value;
  const whole = shallow(value);
  const waiting = [whole];
  while (waiting.length > 0) {
    const next = waiting.pop();
    // What is assigned to is there already, and its own: also where it is called `__proto__`.
    for (const key of keysOf(next)) if (isObject(next[key])) waiting.push((next[key] = shallow(next[key])));
  }
  return whole;
}

// Not by assignment: a key `__proto__` is a key like any other here (P52).
function setOwn(target, key, value) {
  defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
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
// `null` is what it throws where not even the error found room; a script that throws it is taken for that.
function faultOf(error) {
  if (error === null) return MEMORY;
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

// Throws Unkeepable, which names why a value cannot be kept. What is too large is not walked to its
// end: `left` counts, roughly, the characters that it may still have.
function encode(value, above = [], left = { room: limits.kept }) {
  left.room -= typeof value === "string" ? value.length + 3 : 3;
  if (left.room < 0) throw new Unkeepable("size");
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (typeof value === "function" || typeof value === "bigint" || typeof value === "symbol") throw new Unkeepable(typeof value);
  if (!isObject(value)) return value;
  if (value instanceof NativeDate) return { $date: value.getTime() };
  if (!isPlain(value)) throw new Unkeepable(String(value.constructor?.name || "object"));
  if (above.includes(value)) throw new Unkeepable("cycle");
  if (above.length > 100) throw new Unkeepable("depth");
  above.push(value);
  const kept = isArray(value) ? Array.from(value, (inner) => encode(inner, above, left)) : encodeFields(value, above, left);
  above.pop();
  return kept;
}

function encodeFields(value, above, left) {
  const kept = Object.create(null);
  let tagged = false;
  for (const key of keysOf(value)) {
    left.room -= key.length;
    kept[key] = encode(value[key], above, left);
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
  for (const key of keysOf(fields)) setOwn(value, key, decode(fields[key]));
  return value;
}
