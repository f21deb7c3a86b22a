// crypto.subtle, as far as it is about digests, MACs and keys out of passwords: the server does the work, these check
// what they are given as the Web Cryptography API has it. Every error is a rejection.

const DIGESTS = { "SHA-1": 512, "SHA-256": 512, "SHA-384": 1024, "SHA-512": 1024 }; // and the bits of their blocks
const MOST_SERVED = 4 << 20; // bytes that a turn may send to the server for this

const denied = (name, message) => new DOMException(message, name);

// ---- To the server

let served = 0;
const refillRandom = refill;
refill = (text) => {
  refillRandom(text);
  served = 0;
};

const buffer = (text) => fromBase64(text).buffer;

// `data` are bytes by name, `more` whatever else it needs. Gives what `made` makes of the answer.
function serve(act, name, data, more, made) {
  served += Object.values(data).reduce((sum, bytes) => sum + bytes.length, 0);
  if (served > MOST_SERVED) throw quota(`${name}: a script can have at most ${MOST_SERVED} bytes digested until it has waited for the server`);
  const texts = keysOf(data).map((key) => [key, json(data[key].toBase64())]);
  return awaited({ k: "digest", act, ...more }, name, texts, made);
}

// ---- What scripts name

function algorithmOf(name, value, ...known) {
  const asked = String(isObject(value) ? value.name : value).toUpperCase();
  if (!known.includes(asked)) throw denied("NotSupportedError", `${name} knows ${known.join(", ")} here, not ${asked.slice(0, 100)}`);
  return asked;
}

const hashOf = (name, value) => algorithmOf(name, value, ...keysOf(DIGESTS));

// As the API reads numbers: whole ones in this range, whatever they were written as.
function whole(name, value, what) {
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= 0xffffffff)) throw new TypeError(`${name}: ${what} must be a whole number`);
  return number;
}

// ---- Keys

const bytesOfKey = new WeakMap();

class CryptoKey {
  constructor(algorithm, extractable, usages, bytes) {
    Object.assign(this, { type: "secret", extractable, algorithm: deepFreeze(algorithm), usages: freeze(usages) });
    bytesOfKey.set(this, bytes);
    freeze(this);
  }
}

const USAGES = { PBKDF2: ["deriveKey", "deriveBits"], HMAC: ["sign", "verify"] };

function importKey(format, data, algorithm, extractable, usages) {
  const called = "crypto.subtle.importKey";
  if (format !== "raw") throw denied("NotSupportedError", `${called} takes raw keys here, not ${String(format).slice(0, 100)}`);
  const name = algorithmOf(called, algorithm, ...keysOf(USAGES));
  const wanted = isArray(unwrap(usages)) ? [...usages] : [];
  if (wanted.length === 0 || !wanted.every((usage) => USAGES[name].includes(usage))) {
    throw denied("SyntaxError", `${called}: usages of a ${name} key are ${USAGES[name].join(" and ")}`);
  }
  const bytes = bytesOf(called, data);
  if (name === "PBKDF2") {
    if (extractable) throw denied("SyntaxError", `${called}: a PBKDF2 key cannot be extractable`);
    return new CryptoKey({ name }, false, wanted, bytes);
  }
  const hash = { name: hashOf(called, algorithm.hash) };
  const length = 8 * bytes.length;
  if (length === 0 || (algorithm.length !== undefined && Number(algorithm.length) !== length)) {
    throw denied("DataError", `${called}: the key has ${length} bits`);
  }
  return new CryptoKey({ name, hash, length }, Boolean(extractable), wanted, bytes);
}

function keyFor(called, key, name, usage) {
  if (!(key instanceof CryptoKey) || !bytesOfKey.has(key)) throw new TypeError(`${called} needs a key: await crypto.subtle.importKey(…)`);
  if (key.algorithm.name !== name || !key.usages.includes(usage)) throw denied("InvalidAccessError", `${called}: this key is not one to ${usage} with ${name}`);
  return bytesOfKey.get(key);
}

// ---- What it does

function digestOf(algorithm, data) {
  const called = "crypto.subtle.digest";
  return serve("hash", called, { data: bytesOf(called, data) }, { hash: hashOf(called, algorithm) }, buffer);
}

function deriveBits(algorithm, key, bits) {
  const called = "crypto.subtle.deriveBits";
  const name = algorithmOf(called, algorithm, "PBKDF2");
  const password = keyFor(called, key, name, "deriveBits");
  const iterations = whole(called, algorithm.iterations, "the number of iterations");
  const hash = hashOf(called, algorithm.hash);
  const salt = bytesOf(called, algorithm.salt);
  const length = whole(called, bits ?? 0, "the number of bits");
  if (length === 0 || length % 8 !== 0 || iterations === 0) throw denied("OperationError", `${called} needs iterations, and a number of bits that is a multiple of 8`);
  return serve("pbkdf2", called, { password, salt }, { hash, iterations, length: length / 8 }, buffer);
}

function mac(called, usage, algorithm, key, data, more, made) {
  const name = algorithmOf(called, algorithm, "HMAC");
  const bytes = keyFor(called, key, name, usage);
  return serve("mac", called, { key: bytes, data: bytesOf(called, data), ...more }, { hash: key.algorithm.hash.name }, made);
}

const sign = (algorithm, key, data) => mac("crypto.subtle.sign", "sign", algorithm, key, data, {}, buffer);

// Compared by the server, in a time that tells nothing.
function verify(algorithm, key, signature, data) {
  const called = "crypto.subtle.verify";
  return mac(called, "verify", algorithm, key, data, { signature: bytesOf(called, signature) });
}

const absent = (name, mend) => () => {
  throw denied("NotSupportedError", `crypto.subtle.${name} is not provided here: ${mend}`);
};
const OTHERS = {
  deriveKey: "deriveBits gives the bytes, and importKey makes a key of them",
  exportKey: "the script has the bytes that it imported",
  generateKey: "crypto.getRandomValues gives the bytes, and importKey makes a key of them",
};
for (const name of ["encrypt", "decrypt", "wrapKey", "unwrapKey"]) OTHERS[name] = "CryptoJS.AES encrypts and decrypts";

const subtle = {};
for (const [name, perform] of [
  ["digest", digestOf],
  ["importKey", importKey],
  ["deriveBits", deriveBits],
  ["sign", sign],
  ["verify", verify],
  ...keysOf(OTHERS).map((name) => [name, absent(name, OTHERS[name])]),
]) {
  subtle[name] = action(`crypto.subtle.${name}`, perform);
}

define("crypto", freeze({ getRandomValues, randomUUID, subtle: freeze(subtle) }));
