// Intl.Collator: letters first, then accents, then case, as the root collation of CLDR has it for the scripts of
// Europe. What single languages do otherwise (å after z in Swedish) is not known here.

const MARKS = /\p{M}/gu;
// What NFD does not take apart, and what the root collation sorts it with.
const TOGETHER = { ß: "ss", æ: "ae", Æ: "AE", œ: "oe", Œ: "OE", ø: "o", Ø: "O", đ: "d", Đ: "D", ł: "l", Ł: "L", ı: "i" };
const apart = (letter) => `${TOGETHER[letter]}\u0338`; // it differs as an accented letter does
const MARK_ORDER = "\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304";
const SENSITIVITIES = ["base", "accent", "case", "variant"];

class Collator {
  #o;
  #bound;

  constructor(locales, options) {
    const given = optionsOf(options);
    const { locale, keywords } = resolveLocale(locales);
    this.#o = {
      locale,
      usage: chosen(given, "usage", ["sort", "search"], "sort"),
      sensitivity: chosen(given, "sensitivity", SENSITIVITIES, "variant"),
      ignorePunctuation: Boolean(given.ignorePunctuation),
      collation: "default",
      numeric: given.numeric === undefined ? keywords.kn !== undefined && keywords.kn !== "false" : Boolean(given.numeric),
      caseFirst: chosen(given, "caseFirst", ["upper", "lower", "false"], "false"),
    };
  }

  get compare() {
    return (this.#bound ??= (one, other) => compareTexts(String(one), String(other), this.#o));
  }

  resolvedOptions() {
    return { ...this.#o };
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}

function compareTexts(one, other, o) {
  if (one === other) return 0;
  const a = keyOf(one, o), b = keyOf(other, o);
  if (a.letters !== b.letters) return a.letters < b.letters ? -1 : 1;
  if (o.sensitivity !== "base" && o.sensitivity !== "case" && a.accents !== b.accents) return a.accents < b.accents ? -1 : 1;
  if (o.sensitivity !== "base" && o.sensitivity !== "accent" && a.cases !== b.cases) return a.cases < b.cases ? -1 : 1;
  return 0;
}

// Sorting asks for the same texts again and again.
const keysMade = new Map();

function keyOf(text, o) {
  const name = `${o.numeric ? 1 : 0}${o.ignorePunctuation ? 1 : 0}${o.caseFirst}|${text}`;
  let key = keysMade.get(name);
  if (key === undefined) {
    if (keysMade.size >= 5000) keysMade.clear();
    keysMade.set(name, (key = /^[A-Za-z]*$/.test(text) ? plainKey(text, o) : makeKey(text, o)));
  }
  return key;
}

const caseMark = (upper, o) => (upper === (o.caseFirst === "upper") ? "a" : "b");

// Of letters without accents: what most texts are.
function plainKey(text, o) {
  const letters = text.toLowerCase();
  const cases = letters === text ? caseMark(false, o).repeat(text.length) : Array.from(text, (letter) => caseMark(letter < "a", o)).join("");
  return { letters: LETTER_SORT.repeat(letters === "" ? 0 : 1) + Array.from(letters).join(LETTER_SORT), accents: " ".repeat(text.length), cases };
}

// Three texts that compare as the text's letters, its accents and its case do. Spaces and marks come before digits,
// digits before letters: each letter is preceded by its sort.
function makeKey(text, o) {
  let letters = "", accents = "", cases = "";
  const taken = text.normalize("NFD").replace(/[ßæÆœŒøØđĐłŁı]/g, apart);
  for (const [piece] of taken.matchAll(o.numeric ? /\d+|\P{M}\p{M}*|\p{M}+/gsu : /\P{M}\p{M}*|\p{M}+/gsu)) {
    const base = piece.replace(MARKS, "");
    if (o.ignorePunctuation && /^[\p{P}\p{S}\s]$/u.test(base)) continue;
    letters += weight(base);
    accents += ` ${Array.from(piece.slice(base.length), markKey).join("")}`;
    cases += caseMark(base !== base.toLowerCase(), o);
  }
  return { letters, accents, cases };
}

function markKey(mark) {
  const at = MARK_ORDER.indexOf(mark);
  return at < 0 ? mark : String.fromCharCode(64 + at);
}

const PUNCTUATION = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
const LETTER_SORT = "\u0005";

function weight(base) {
  // A number sorts by its length first: no other has as many digits.
  if (/^\d/.test(base)) {
    const number = base.replace(/^0+(?=\d)/, "");
    return `\u0004${String.fromCharCode(number.length)}${number}`;
  }
  if (/^\s/.test(base)) return `\u0001${base}`;
  const at = PUNCTUATION.indexOf(base);
  if (at >= 0 && base !== "") return `\u0002${String.fromCharCode(32 + at)}`;
  return /^[\p{P}\p{S}]/u.test(base) ? `\u0003${base}` : LETTER_SORT + base.toLowerCase();
}
