// Random numbers. The engine has none of its own that are any good, so each turn is given some bytes by the server,
// of which every one is handed out once. A turn begins with its own: what the one before left is gone.

let given = null; // the turn's bytes: base64 text until somebody wants one
let used = 0;

refill = (text) => {
  given = text ?? null;
  used = 0;
};

const quota = (message) => new DOMException(message, "QuotaExceededError");

// A binding is computed again whenever something it reads changes: it would be another number each time.
function randomBytes(name, count) {
  forbidInBinding(name);
  if (typeof given === "string") given = fromBase64(given);
  const bytes = given ?? new Uint8Array();
  if (used + count > bytes.length) {
    throw quota(`${name}: of the ${bytes.length} random bytes that a script gets until it has waited for the server, ${bytes.length - used} are left; ask for fewer, or await a query in between`);
  }
  const taken = bytes.slice(used, used + count);
  bytes.fill(0, used, used + count);
  used += count;
  return taken;
}

const MOST_RANDOM = 65_536; // at once, in every browser
const WHOLE_NUMBERS = [
  ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[BigInt64Array, BigUint64Array],
];

function getRandomValues(array) {
  if (!WHOLE_NUMBERS.some((kind) => array instanceof kind)) throw new DOMException("crypto.getRandomValues needs a typed array of whole numbers", "TypeMismatchError");
  const { buffer, byteOffset, byteLength } = array;
  if (byteLength > MOST_RANDOM) throw quota(`crypto.getRandomValues gives at most ${MOST_RANDOM} bytes at once`);
  new Uint8Array(buffer, byteOffset, byteLength).set(randomBytes("crypto.getRandomValues", byteLength));
  return array;
}

function randomUUID() {
  const bytes = randomBytes("crypto.randomUUID", 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
