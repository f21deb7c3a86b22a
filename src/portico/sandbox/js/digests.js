// Libraries for passwords and tokens that apps name. What would take the engine seconds, the server does: these
// forms give promises. Those that cannot wait say which form can.

const MOST_BYTES = 4096; // of a text that is hashed: bcrypt reads 72 of them

function hashable(name, value) {
  if (typeof value !== "string") throw new TypeError(`${name} needs a text`);
  return value.slice(0, MOST_BYTES);
}

// A promise, which also tells a callback in the way of Node.js, if there is one.
function telling(promise, callback) {
  if (typeof callback !== "function") return promise;
  promise.then((value) => callback(null, value), (error) => callback(error));
  return undefined;
}

const digest = (act, name, text, more) => awaited({ k: "digest", act }, name, [["text", json(text)], ["more", json(more)]]);

function roundsOf(name, given) {
  const rounds = given === undefined || typeof given === "function" ? 10 : Number(given);
  if (!Number.isInteger(rounds) || rounds < 4 || rounds > 14) throw new RangeError(`${name}: the cost must be a number from 4 to 14`);
  return String(rounds);
}

const bcryptHash = (name) => action(name, (text, salt, callback) => {
  const made = typeof salt === "string" && salt.startsWith("$2") ? salt : roundsOf(name, salt);
  return telling(digest("bcrypt.hash", name, hashable(name, text), made), typeof salt === "function" ? salt : callback);
});
const bcryptCompare = (name) => action(name, (text, hash, callback) =>
  telling(digest("bcrypt.compare", name, hashable(name, text), hashable(name, hash)), callback));
const bcryptSalt = (name) => action(name, (rounds, seed, callback) =>
  telling(digest("bcrypt.salt", name, "", roundsOf(name, rounds)), [rounds, seed, callback].find((one) => typeof one === "function")));

const onlyAsync = (name, other) => () => {
  throw new TypeError(`${name} would take seconds here: write await ${other}(…)`);
};

function bcryptAs(name) {
  return freeze({
    hash: bcryptHash(`${name}.hash`),
    compare: bcryptCompare(`${name}.compare`),
    genSalt: bcryptSalt(`${name}.genSalt`),
    hashSync: onlyAsync(`${name}.hashSync`, `${name}.hash`),
    compareSync: onlyAsync(`${name}.compareSync`, `${name}.compare`),
    genSaltSync: onlyAsync(`${name}.genSaltSync`, `${name}.genSalt`),
    getRounds: (hash) => Number(hashable(`${name}.getRounds`, hash).split("$")[2]),
    getSalt: (hash) => hashable(`${name}.getSalt`, hash).slice(0, 29),
  });
}

// ---- Tokens are read here, and neither made nor verified: that is for who has the key

function jwtPart(token, index) {
  const part = token.split(".")[index];
  if (part === undefined) throw new Error("this is no JWT");
  const bytes = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  return parse(decodeURIComponent(escape(bytes)));
}

// Null for what is no JWT, as the library has it.
function decodeToken(token, options) {
  try {
    const payload = jwtPart(token, 1);
    if (!isObject(options) || options.complete !== true) return payload;
    return { header: jwtPart(token, 0), payload, signature: token.split(".")[2] };
  } catch {
    return null;
  }
}

const withoutKey = (name) => () => {
  throw new TypeError(`jsonwebtoken.${name} needs a key, which no script has here: leave it to the auth API`);
};

define("bcryptjs", bcryptAs("bcryptjs"));
define("dcodeIO", freeze({ bcrypt: bcryptAs("dcodeIO.bcrypt") }));
define("jsonwebtoken", freeze({ decode: decodeToken, verify: withoutKey("verify"), sign: withoutKey("sign") }));
