// TextEncoder and TextDecoder, for UTF-8 alone, and bytes on their way to the host and back.

const { fromBase64 } = Uint8Array;
const bytesOfBinary = (text) => fromBase64(btoa(text));
const utf8 = (text) => bytesOfBinary(unescape(encodeURIComponent(text.toWellFormed())));

// A copy of what a script gave: what it changes afterwards has no say any more.
function bytesOf(name, value) {
  if (value instanceof ArrayBuffer) return new Uint8Array(value).slice();
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
  throw new TypeError(`${name} needs an ArrayBuffer or a typed array: new TextEncoder().encode(text) makes one of a text`);
}

class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return utf8(String(text));
  }

  // As many whole characters as there is room for.
  encodeInto(text, target) {
    if (!(target instanceof Uint8Array)) throw new TypeError("TextEncoder.encodeInto needs a Uint8Array");
    let read = 0, written = 0;
    for (const character of String(text)) {
      const bytes = utf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      read += character.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

// How many bytes follow each first byte, and which second bytes do: what is overlong, half a pair or beyond the last
// character is none.
function followers(first) {
  if (first >= 0xc2 && first <= 0xdf) return [1, 0x80, 0xbf];
  if (first >= 0xe0 && first <= 0xef) return [2, first === 0xe0 ? 0xa0 : 0x80, first === 0xed ? 0x9f : 0xbf];
  if (first >= 0xf0 && first <= 0xf4) return [3, first === 0xf0 ? 0x90 : 0x80, first === 0xf4 ? 0x8f : 0xbf];
  return null;
}

// U+FFFD for each longest beginning of a character that does not go on, as the Encoding Standard has it.
function mended(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at++];
    if (first < 0x80) {
      pieces.push(String.fromCharCode(first));
      continue;
    }
    let [count, low, high] = followers(first) ?? [0, 0, 0];
    let point = first & (0x3f >> count), left = count;
    while (left > 0 && at < bytes.length && bytes[at] >= low && bytes[at] <= high) {
      point = (point << 6) | (bytes[at++] & 0x3f);
      [low, high] = [0x80, 0xbf];
      left -= 1;
    }
    pieces.push(count > 0 && left === 0 ? String.fromCodePoint(point) : "\ufffd");
  }
  return flat(pieces.join(""));
}

const UTF8_LABELS = new Set(["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"]);

class TextDecoder {
  #fatal;
  #ignoreBOM;

  constructor(label = "utf-8", options = {}) {
    if (!UTF8_LABELS.has(String(label).trim().toLowerCase())) throw new RangeError(`TextDecoder knows utf-8 alone, not ${String(label).slice(0, 100)}`);
    this.#fatal = Boolean(options?.fatal);
    this.#ignoreBOM = Boolean(options?.ignoreBOM);
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(data, options) {
    if (options?.stream) throw new TypeError("TextDecoder.decode takes all bytes at once: there is no stream here");
    const bytes = data === undefined ? new Uint8Array() : bytesOf("TextDecoder.decode", data);
    const text = this.#read(bytes);
    return this.#ignoreBOM || text[0] !== "\ufeff" ? text : text.slice(1);
  }

  #read(bytes) {
    try {
      return decodeURIComponent(escape(atob(bytes.toBase64())));
    } catch (error) {
      if (getPrototypeOf(error) !== URIError.prototype) throw error;
      if (this.#fatal) throw new TypeError("TextDecoder.decode: these bytes are not UTF-8");
      return mended(bytes);
    }
  }
}

define("TextEncoder", TextEncoder);
define("TextDecoder", TextDecoder);
