// The library scrypt-js: the server does what it promises.

// Lists of numbers too, as the library takes them.
function listedBytes(called, value, what) {
  const list = unwrap(value);
  if (isArray(list) && list.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) return Uint8Array.from(list);
  if (!ArrayBuffer.isView(list)) throw new TypeError(`${called}: ${what} must be bytes: new TextEncoder().encode(text) makes them of a text`);
  return bytesOf(called, list);
}

function scryptOf(password, salt, N, r, p, dkLen, progress) {
  const called = "scrypt.scrypt";
  const numbers = { N, r, p, dkLen };
  for (const name of keysOf(numbers)) {
    if (!Number.isInteger(numbers[name]) || numbers[name] < 1 || numbers[name] > 0x7fffffff) throw new TypeError(`${called}: ${name} must be a whole number from 1`);
  }
  const data = { password: listedBytes(called, password, "the password"), salt: listedBytes(called, salt, "the salt") };
  const tell = typeof progress === "function" ? progress : () => {};
  tell(0);
  return serve("scrypt", called, data, numbers, (text) => {
    tell(1);
    return fromBase64(text);
  });
}

define("scrypt", freeze({ scrypt: action("scrypt.scrypt", scryptOf), syncScrypt: onlyAsync("scrypt.syncScrypt", "scrypt.scrypt") }));
