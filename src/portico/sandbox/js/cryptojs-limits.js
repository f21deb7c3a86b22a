// What CryptoJS does takes the engine some thousand times as long as the server. Where that would be over the limit of
// a script, this says which form is not, instead of ending the whole page.

const MOST_HASHED = 400_000; // bytes
const MOST_ITERATIONS = 1200; // of PBKDF2, times the blocks of the key
const LEAST = 50_000; // bytes that any of them may hash
const DEAR = { SHA384: 2, SHA512: 2, SHA3: 8 }; // times as long as the others
const SERVED = { SHA1: "SHA-1", SHA256: "SHA-256", SHA384: "SHA-384", SHA512: "SHA-512" };

equipCryptoJs = (library) => {
  const { algo, lib } = library;
  // The last: SHA224 is made of SHA256, and stands behind it.
  const named = (made) => keysOf(algo).findLast((name) => isObject(algo[name]) && algo[name].isPrototypeOf(made)) ?? "this digest";
  const price = (name) => DEAR[name] ?? 1;

  // The library's own has one error for everything.
  lib.WordArray.random = (count) => lib.WordArray.create(randomBytes("a random salt of CryptoJS", Number(count) || 0));

  function checkLength(hasher, message) {
    const length = hasher._nDataBytes + (typeof message === "string" ? message.length : message?.sigBytes ?? 0);
    if (length <= LEAST) return;
    const name = named(hasher), most = MOST_HASHED / price(name);
    if (length <= most) return;
    const mend = name in SERVED
      ? `write await crypto.subtle.digest("${SERVED[name]}", new TextEncoder().encode(text)), or sign for an HMAC`
      : "the server has SHA-1, SHA-256, SHA-384 and SHA-512, by await crypto.subtle.digest(…)";
    throw new RangeError(`CryptoJS.${name} of more than ${most} bytes would take too long here: ${mend}`);
  }

  const { update, finalize } = lib.Hasher;
  lib.Hasher.update = function (message) {
    checkLength(this, message);
    return apply(update, this, [message]);
  };
  lib.Hasher.finalize = function (message) {
    checkLength(this, message);
    return apply(finalize, this, [message]);
  };

  const { compute } = algo.PBKDF2;
  algo.PBKDF2.compute = function (password, salt) {
    const { iterations, keySize, hasher } = this.cfg;
    const name = keysOf(algo).find((one) => algo[one] === hasher) ?? "this digest";
    const most = Math.floor(MOST_ITERATIONS / price(name));
    const words = hasher.create().finalize("").sigBytes / 4;
    if (!(iterations * Math.ceil(keySize / words) <= most)) {
      throw new RangeError(`CryptoJS.PBKDF2 with ${iterations} iterations would take too long here (${most} of ${name} do not): write await crypto.subtle.deriveBits({ name: "PBKDF2", … }, key, bits), with a key of crypto.subtle.importKey`);
    }
    return apply(compute, this, [password, salt]);
  };
};
