// Intl, first part: locales and their data, which the server sends before they are used (docs/design/program.md).
// All of Intl follows ECMA-402 in what it takes and gives; calendar and digits are those that a locale has by itself,
// the calendar always being the Gregorian one.

const localeData = new Map(); // tag → data
let currencyDigits = {};
let zoneNames = {}; // zone → metazone

learnLocales = (locales, ofCurrencies, metazones) => {
  for (const tag of keysOf(locales)) localeData.set(tag, locales[tag]);
  if (ofCurrencies !== undefined) currencyDigits = ofCurrencies;
  if (metazones !== undefined) zoneNames = metazones;
};

const LANGUAGE_TAG = /^([a-z]{2,3}|[a-z]{5,8})(?:-([a-z]{4}))?(?:-([a-z]{2}|\d{3}))?((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)((?:-[a-wyz](?:-[a-z0-9]{2,8})+)*)(?:-x(?:-[a-z0-9]{1,8})+)?$/i;

function canonicalLocale(tag) {
  const found = LANGUAGE_TAG.exec(tag);
  if (found === null) throw new RangeError(`Incorrect locale information provided`);
  const [, language, script, region, variants, extensions] = found;
  const title = script && script[0].toUpperCase() + script.slice(1).toLowerCase();
  const base = [language.toLowerCase(), title, region?.toUpperCase()].filter(Boolean).join("-");
  return base + variants.toLowerCase() + extensions.toLowerCase();
}

function canonicalLocales(locales) {
  if (locales === undefined) return [];
  if (locales === null) throw new TypeError("Cannot convert undefined or null to object");
  const list = typeof locales === "string" || locales instanceof IntlLocale ? [locales] : Array.from(Object(locales));
  const found = list.map((tag) => {
    if (typeof tag !== "string" && !isObject(tag)) throw new TypeError("Language ID should be string or object.");
    return canonicalLocale(String(tag));
  });
  return [...new Set(found)];
}

const withoutExtensions = (tag) => tag.replace(/-[a-z0-9](?:-[a-z0-9]{2,8})+$/i, "").replace(/-u-.*$/, "");

// The tag that has data for this one: itself, one with fewer parts, or one of the same language.
function heldFor(tag) {
  for (let shorter = tag; shorter !== ""; shorter = shorter.slice(0, Math.max(shorter.lastIndexOf("-"), 0))) {
    if (localeData.has(shorter)) return shorter;
  }
  const language = tag.split("-")[0];
  return [...localeData.keys()].find((known) => known === language || known.startsWith(`${language}-`));
}

// What a constructor works with: { locale, data, keywords }. What is not at hand gives the visitor's own, as
// ECMA-402 has it for locales that an implementation does not know.
function resolveLocale(locales) {
  for (const tag of canonicalLocales(locales)) {
    const base = withoutExtensions(tag);
    const held = heldFor(base);
    if (held !== undefined) return { locale: base, data: localeData.get(held), keywords: keywordsOf(tag) };
  }
  const locale = visitorsLocale.read();
  return { locale, data: localeData.get(heldFor(locale) ?? "en-US"), keywords: {} };
}

// `-u-hc-h23-nu-latn` as { hc: "h23", nu: "latn" }.
function keywordsOf(tag) {
  const found = {};
  const [, extension] = /-u((?:-[a-z0-9]{2,8})+)/.exec(tag) ?? [];
  let key = null;
  for (const part of extension?.slice(1).split("-") ?? []) {
    if (part.length === 2) found[(key = part)] = "";
    else if (key !== null) found[key] = found[key] === "" ? part : `${found[key]}-${part}`;
  }
  return found;
}

const supportedLocalesOf = (locales) => canonicalLocales(locales).filter((tag) => heldFor(withoutExtensions(tag)) !== undefined);

class IntlLocale {
  #tag;

  constructor(tag, options = {}) {
    const [language, ...rest] = canonicalLocale(String(tag)).split("-");
    const given = [options.language ?? language, ...rest];
    if (options.script !== undefined) given.splice(1, given[1]?.length === 4 ? 1 : 0, options.script);
    if (options.region !== undefined) {
      const at = given[1]?.length === 4 ? 2 : 1;
      given.splice(at, /^([a-z]{2}|\d{3})$/i.test(given[at] ?? "") ? 1 : 0, options.region);
    }
    this.#tag = canonicalLocale(given.join("-"));
  }

  get baseName() {
    return withoutExtensions(this.#tag);
  }

  get language() {
    return this.#tag.split("-")[0];
  }

  get script() {
    return LANGUAGE_TAG.exec(this.#tag)[2];
  }

  get region() {
    return LANGUAGE_TAG.exec(this.#tag)[3];
  }

  get hourCycle() {
    return keywordsOf(this.#tag).hc;
  }

  toString() {
    return this.#tag;
  }
}

// ---- Options

function optionsOf(options) {
  if (options === undefined) return Object.create(null);
  if (options === null) throw new TypeError("Cannot convert undefined or null to object");
  return Object(options);
}

function chosen(options, name, allowed, fallback) {
  const value = options[name];
  if (value === undefined) return fallback;
  const text = String(value);
  if (!allowed.includes(text)) throw new RangeError(`Value ${text} out of range for Intl options property ${name}`);
  return text;
}

function numberOption(options, name, least, most, fallback) {
  const value = options[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!(number >= least && number <= most)) throw new RangeError(`${name} value is out of range.`);
  return floor(number);
}

// Formatters for toLocale…: making one costs more than using it.
const made = new Map();

function remembered(kind, locales, options, make) {
  const plainLocales = locales === undefined || typeof locales === "string" || isArray(locales);
  if (!plainLocales || (options !== undefined && (!isObject(options) || !isPlain(options)))) return make();
  const key = [kind, visitorsLocale.read(), hereZone().name, locales, options === undefined ? "" : stringify(options)].join("|");
  if (!made.has(key)) {
    const formatter = make();
    if (made.size >= 50) made.clear();
    made.set(key, formatter);
  }
  return made.get(key);
}

// ---- Plurals: rules of CLDR (UTS 35, Language Plural Rules)

const CATEGORIES = ["zero", "one", "two", "few", "many"]; // the order in which rules are tried
const rulesRead = new Map();

function pluralTest(rule) {
  if (!rulesRead.has(rule)) rulesRead.set(rule, rule.split(" or ").map((all) => all.split(" and ").map(relation)));
  return rulesRead.get(rule);
}

function relation(text) {
  const [, operand, modulus, sign, list] = /^([nivwftce])(?: % (\d+))? (!?=) (.+)$/.exec(text);
  const ranges = list.split(",").map((range) => range.split("..").map(Number));
  return (operands) => {
    const value = modulus ? operands[operand] % modulus : operands[operand];
    const within = ranges.some(([from, to = from]) => value >= from && value <= to && (from === to || Number.isInteger(value)));
    return within === (sign === "=");
  };
}

// `whole` and `fraction` are the digits that are shown.
function pluralCategory(rules, whole, fraction, compact = 0) {
  const trimmed = fraction.replace(/0+$/, "");
  const operands = {
    n: Number(`${whole}.${fraction || "0"}`),
    i: Number(whole),
    v: fraction.length,
    w: trimmed.length,
    f: Number(fraction || 0),
    t: Number(trimmed || 0),
    c: compact,
    e: compact,
  };
  for (const category of CATEGORIES) {
    if (Object.hasOwn(rules, category) && pluralTest(rules[category]).some((all) => all.every((holds) => holds(operands)))) return category;
  }
  return "other";
}
