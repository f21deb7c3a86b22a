// Intl.NumberFormat. A number is its decimal digits here, so that rounding is that of what one sees: 1.005 to two
// places is 1.01.

// { negative, digits: "12345", point: 3 } is 123.45; kind is finite, infinity or nan.
function decimalOf(value) {
  if (typeof value === "bigint") return finite(value < 0n, String(value < 0n ? -value : value), "");
  const text = typeof value === "string" ? value.trim() : "";
  const exact = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  if (exact !== null) return finite(exact[1] === "-", exact[2], exact[3] ?? "");
  const number = Number(value);
  const negative = number < 0 || Object.is(number, -0);
  if (number !== number) return { kind: "nan", negative: false, digits: "", point: 0 };
  if (!Number.isFinite(number)) return { kind: "infinity", negative, digits: "", point: 0 };
  const [, whole, fraction = "", power = "0"] = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(abs(number)));
  return shifted(finite(negative, whole, fraction), Number(power));
}

function finite(negative, whole, fraction) {
  const all = whole + fraction;
  const zeros = /^0*/.exec(all)[0].length;
  return { kind: "finite", negative, digits: all.slice(zeros).replace(/0+$/, ""), point: zeros === all.length ? 0 : whole.length - zeros };
}

const shifted = (decimal, by) => ({ ...decimal, point: decimal.digits === "" ? 0 : decimal.point + by });

// Rounded after `places` digits of the fraction, which may be negative.
function rounded(decimal, places, mode) {
  const { negative, digits: all, point } = decimal;
  const keep = point + places;
  if (keep >= all.length) return decimal;
  const head = keep > 0 ? all.slice(0, keep) : "";
  const tail = keep >= 0 ? all.slice(keep) : "0".repeat(-keep) + all;
  if (!away(mode, negative, tail, head.length > 0 ? +head[head.length - 1] : 0)) return trimmed(decimal, head, point);
  if (head === "") return { ...decimal, digits: "1", point: 1 - places };
  const up = String(BigInt(head) + 1n);
  return trimmed(decimal, up, point + up.length - head.length);
}

function trimmed(decimal, kept, point) {
  const short = kept.replace(/0+$/, "");
  return { ...decimal, digits: short, point: short === "" ? 0 : point };
}

const MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];

// Whether what is cut off makes the last digit one more. `tail` is not zero.
function away(mode, negative, tail, last) {
  if (mode === "expand" || mode === "trunc") return mode === "expand";
  if (mode === "ceil" || mode === "floor") return negative === (mode === "floor");
  const half = tail[0] === "5" && /^50*$/.test(tail);
  if (!half) return tail[0] >= "5";
  switch (mode) {
    case "halfCeil": return !negative;
    case "halfFloor": return negative;
    case "halfTrunc": return false;
    case "halfEven": return last % 2 === 1;
  }
  return true;
}

// ---- Patterns such as `#,##0.00 ¤;(#,##0.00 ¤)`

const patternsRead = new Map();

function patternOf(text) {
  if (!patternsRead.has(text)) {
    const [positive, negative] = text.split(";");
    const read = halfPattern(positive);
    read.negative = negative === undefined ? null : halfPattern(negative);
    patternsRead.set(text, read);
  }
  return patternsRead.get(text);
}

function halfPattern(text) {
  const [, prefix, number, suffix] = /^((?:[^#0']|'[^']*')*)([#0,.]*)(.*)$/.exec(text);
  const groups = number.split(".")[0].split(",");
  const primary = groups.length > 1 ? groups[groups.length - 1].length : 0;
  return {
    prefix: tokens(prefix),
    suffix: tokens(suffix),
    primary,
    secondary: groups.length > 2 ? groups[groups.length - 2].length : primary,
    zeros: number.replace(/[^0]/g, "").length,
  };
}

// Signs stand for themselves outside of quotes.
function tokens(text) {
  const found = [];
  for (const [piece] of text.matchAll(/'[^']*'|[¤%+-]|[^'¤%+-]+/g)) {
    found.push(piece[0] === "'" ? { text: piece.slice(1, -1) || "'" } : /^[¤%+-]$/.test(piece) ? { sign: piece } : { text: piece });
  }
  return found;
}

// ---- The formatter

const NUMBER_DEFAULTS = { decimal: [0, 3], percent: [0, 0] };

let digitsShownBy; // the digits that a formatter shows, for plurals

class NumberFormat {
  #o;
  #bound;

  static {
    digitsShownBy = (formatter, value) => shownNumber(formatter.#o, decimalOf(value));
  }

  constructor(locales, options) {
    const { locale, data } = resolveLocale(locales);
    this.#o = numberOptions(optionsOf(options), locale, data);
  }

  get format() {
    return (this.#bound ??= (value) => this.formatToParts(value).map((part) => part.value).join(""));
  }

  formatToParts(value) {
    return numberParts(this.#o, decimalOf(value));
  }

  resolvedOptions() {
    return resolvedNumber(this.#o);
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}

function numberOptions(options, locale, data) {
  const style = chosen(options, "style", ["decimal", "percent", "currency", "unit"], "decimal");
  if (style === "unit") throw new RangeError("style: 'unit' is not provided; write the unit as text beside the number");
  const currency = options.currency === undefined ? undefined : String(options.currency).toUpperCase();
  if (currency !== undefined && !/^[A-Z]{3}$/.test(currency)) throw new RangeError(`Invalid currency code : ${options.currency}`);
  if (style === "currency" && currency === undefined) throw new TypeError("Currency code is required with currency style.");
  const notation = chosen(options, "notation", ["standard", "scientific", "engineering", "compact"], "standard");
  const grouping = options.useGrouping;
  const found = {
    locale,
    data,
    style,
    currency: style === "currency" ? currency : undefined,
    currencyDisplay: chosen(options, "currencyDisplay", ["code", "symbol", "narrowSymbol", "name"], "symbol"),
    currencySign: chosen(options, "currencySign", ["standard", "accounting"], "standard"),
    notation,
    compactDisplay: chosen(options, "compactDisplay", ["short", "long"], "short"),
    signDisplay: chosen(options, "signDisplay", ["auto", "never", "always", "exceptZero", "negative"], "auto"),
    useGrouping: groupingOf(grouping, notation),
    roundingMode: chosen(options, "roundingMode", MODES, "halfExpand"),
    trailingZeroDisplay: chosen(options, "trailingZeroDisplay", ["auto", "stripIfInteger"], "auto"),
    whole: numberOption(options, "minimumIntegerDigits", 1, 21, 1),
  };
  const digitsOf = style === "currency" && notation === "standard" ? currencyDigits[currency] ?? 2 : null;
  const [least, most] = digitsOf !== null ? [digitsOf, digitsOf] : style === "currency" ? [0, 0] : NUMBER_DEFAULTS[style];
  return Object.assign(found, digitOptions(options, least, most, notation));
}

function groupingOf(value, notation) {
  if (value === undefined) return notation === "compact" ? "min2" : "auto";
  if (value === true || value === "true" || value === "false") return value === true ? "always" : notation === "compact" ? "min2" : "auto";
  if (value === false || value === null) return false;
  if (!["min2", "auto", "always"].includes(value)) throw new RangeError(`Value ${value} out of range for Intl.NumberFormat options property useGrouping`);
  return value;
}

function digitOptions(options, least, most, notation) {
  const { minimumSignificantDigits: from, maximumSignificantDigits: to } = options;
  if (from !== undefined || to !== undefined) {
    const minimum = numberOption(options, "minimumSignificantDigits", 1, 21, 1);
    return { significant: [minimum, numberOption(options, "maximumSignificantDigits", minimum, 21, 21)], fraction: null };
  }
  let low = numberOption(options, "minimumFractionDigits", 0, 100, undefined);
  let high = numberOption(options, "maximumFractionDigits", 0, 100, undefined);
  if (low === undefined && high === undefined && notation === "compact") return { significant: null, fraction: null };
  if (low === undefined) low = high === undefined ? least : Math.min(least, high);
  else if (high === undefined) high = Math.max(most, low);
  else if (low > high) throw new RangeError("maximumFractionDigits value is out of range.");
  return { significant: null, fraction: [low, high ?? Math.max(most, low)] };
}

function resolvedNumber(o) {
  const found = { locale: o.locale, numberingSystem: o.data.numbers.system, style: o.style };
  if (o.style === "currency") Object.assign(found, { currency: o.currency, currencyDisplay: o.currencyDisplay, currencySign: o.currencySign });
  found.minimumIntegerDigits = o.whole;
  if (o.fraction !== null) [found.minimumFractionDigits, found.maximumFractionDigits] = o.fraction;
  else if (o.significant !== null) [found.minimumSignificantDigits, found.maximumSignificantDigits] = o.significant;
  else Object.assign(found, { minimumFractionDigits: 0, maximumFractionDigits: 0, minimumSignificantDigits: 1, maximumSignificantDigits: 2 });
  found.useGrouping = o.useGrouping;
  found.notation = o.notation;
  if (o.notation === "compact") found.compactDisplay = o.compactDisplay;
  return Object.assign(found, {
    signDisplay: o.signDisplay,
    roundingMode: o.roundingMode,
    roundingIncrement: 1,
    trailingZeroDisplay: o.trailingZeroDisplay,
    roundingPriority: o.fraction === null && o.significant === null ? "morePrecision" : "auto",
  });
}

// ---- Digits

// Rounded as the options say, and how many digits of the fraction stay at least.
function fitted(o, decimal) {
  if (o.significant !== null) {
    const [least, most] = o.significant;
    const whole = decimal.digits === "" ? 1 : decimal.point;
    const fit = rounded(decimal, most - whole, o.roundingMode);
    return [fit, Math.max(least - (fit.digits === "" ? 1 : fit.point), 0)];
  }
  if (o.fraction !== null) return [rounded(decimal, o.fraction[1], o.roundingMode), o.fraction[0]];
  // Compact: two digits, or all of the whole number.
  return [rounded(decimal, Math.max(2 - Math.max(decimal.point, decimal.digits === "" ? 1 : decimal.point), 0), o.roundingMode), 0];
}

function written([decimal, least], o) {
  const { digits: all, point } = decimal;
  const whole = point > 0 ? all.slice(0, point).padEnd(point, "0") : "0";
  let fraction = point > 0 ? all.slice(point) : "0".repeat(all === "" ? 0 : -point) + all;
  fraction = fraction.padEnd(least, "0");
  if (o.trailingZeroDisplay === "stripIfInteger" && /^0*$/.test(fraction)) fraction = "";
  return { whole: whole.padStart(o.whole, "0"), fraction };
}

// { whole, fraction, exponent, pattern }: what is written, and by which compact pattern if there is one.
function shownNumber(o, decimal) {
  const scaled = o.style === "percent" ? shifted(decimal, 2) : decimal;
  if (o.notation === "scientific" || o.notation === "engineering") return scientific(o, scaled);
  if (o.notation !== "compact") return { ...written(fitted(o, scaled), o), exponent: null, pattern: null, compact: 0 };
  for (let power = Math.max(scaled.point - 1, 0); ; power++) {
    const { pattern: byCount, shift } = compactPattern(o, power);
    const fit = fitted(o, shifted(scaled, -shift));
    // Rounding may have made it the next power: 999,999 is 1M.
    if (shift > 0 || byCount !== null || fit[0].point > 3) {
      const next = fit[0].point + shift - 1;
      if (next > power) continue;
    }
    const text = written(fit, o);
    const count = pluralCategory(o.data.plurals, text.whole, text.fraction, shift);
    const pattern = byCount === null ? null : (!fit[0].negative && text.fraction === "" && byCount[text.whole]) || byCount[count] || byCount.other;
    return { ...text, exponent: null, pattern, compact: shift };
  }
}

function compactPattern(o, power) {
  const { numbers } = o.data;
  const short = o.style === "currency" && o.currencyDisplay !== "name" ? numbers.shortCurrency : numbers.short;
  const formats = o.compactDisplay === "long" && o.style !== "currency" ? numbers.long : short;
  const known = keysOf(formats).map(Number).sort((one, other) => one - other);
  const best = known.filter((one) => one <= power).pop();
  const byCount = best === undefined ? undefined : formats[best];
  if (byCount === undefined || byCount.other === "0") return { pattern: null, shift: 0 };
  const zeros = patternOf(byCount.other).zeros;
  return { pattern: byCount, shift: best - zeros + 1 };
}

function scientific(o, decimal) {
  const size = o.notation === "engineering" ? 3 : 1;
  const exponentOf = (one) => (one.digits === "" ? 0 : floor((one.point - 1) / size) * size);
  let exponent = exponentOf(decimal);
  let fit = fitted(o, shifted(decimal, -exponent));
  const after = exponentOf(shifted(fit[0], exponent));
  if (after !== exponent) fit = fitted(o, shifted(decimal, -(exponent = after)));
  return { ...written(fit, o), exponent, pattern: null, compact: 0 };
}

// ---- Parts

function numberParts(o, decimal) {
  const shown = decimal.kind === "finite" ? shownNumber(o, decimal) : { whole: "", fraction: "", exponent: null, pattern: null, compact: 0 };
  const zero = decimal.kind === "nan" || (decimal.kind === "finite" && /^0*$/.test(shown.whole + shown.fraction));
  const sign = signOf(o.signDisplay, decimal.negative, zero);
  const pattern = patternOf(shown.pattern ?? plainPattern(o, decimal.kind));
  const half = sign === "-" && pattern.negative !== null ? pattern.negative : pattern;
  const between = shown.pattern !== null && pattern.zeros === 0 ? [] : digitParts(o, decimal.kind, shown, plainPattern(o));
  const named = o.style === "currency" && o.currencyDisplay === "name";
  const signed = pattern.negative === null || sign === "+" ? signPart(o, sign) : [];
  const whole = [...signed, ...affix(o, half.prefix, shown), ...between, ...affix(o, half.suffix, shown)];
  return named ? withCurrencyName(o, whole, shown) : whole;
}

function signOf(display, negative, zero) {
  if (display === "never") return "";
  if (negative && !(zero && display !== "auto" && display !== "always")) return "-";
  return display === "always" || (display === "exceptZero" && !zero) ? "+" : "";
}

function signPart(o, sign) {
  if (sign === "") return [];
  const { symbols } = o.data.numbers;
  return [sign === "-" ? { type: "minusSign", value: symbols.minusSign } : { type: "plusSign", value: symbols.plusSign }];
}

function plainPattern(o, what = "finite") {
  const { numbers } = o.data;
  if (o.style === "percent") return numbers.percent;
  if (o.style !== "currency" || o.currencyDisplay === "name") return numbers.decimal;
  const kind = o.currencySign;
  const pattern = numbers.currency[kind];
  if (what !== "finite") return pattern;
  // A symbol of letters keeps a distance from digits.
  const symbol = currencySymbol(o);
  const edge = /^[^#0]*¤/.test(pattern) ? symbol[symbol.length - 1] : symbol[0];
  return /\p{L}/u.test(edge) ? numbers.currency[`${kind}-alphaNextToNumber`] ?? pattern : pattern;
}

function currencySymbol(o) {
  if (o.currencyDisplay === "code") return o.currency;
  const [symbol, narrow] = o.data.currencies[o.currency] ?? [o.currency, o.currency];
  return o.currencyDisplay === "narrowSymbol" ? narrow : symbol;
}

function affix(o, pieces, shown) {
  const { symbols } = o.data.numbers;
  const parts = [];
  for (const { sign, text } of pieces) {
    if (sign === "¤") parts.push({ type: "currency", value: currencySymbol(o) });
    else if (sign === "%") parts.push({ type: "percentSign", value: symbols.percentSign });
    else if (sign === "-") parts.push({ type: "minusSign", value: symbols.minusSign });
    else if (sign === "+") parts.push({ type: "plusSign", value: symbols.plusSign });
    else if (shown.pattern === null) parts.push({ type: "literal", value: text });
    else parts.push(...compactWord(text));
  }
  return parts;
}

// The spaces around the word of a compact pattern are literals.
function compactWord(text) {
  const [, before, word, after] = /^(\s*)(.*?)(\s*)$/su.exec(text);
  return [
    ...(before ? [{ type: "literal", value: before }] : []),
    ...(word ? [{ type: "compact", value: word }] : []),
    ...(after ? [{ type: "literal", value: after }] : []),
  ];
}

function digitParts(o, kind, shown, pattern) {
  const { symbols, digits: own } = o.data.numbers;
  if (kind === "nan") return [{ type: "nan", value: symbols.nan }];
  if (kind === "infinity") return [{ type: "infinity", value: symbols.infinity }];
  const local = (text) => localDigits(own, text);
  const parts = [];
  for (const group of grouped(o, shown.whole, patternOf(pattern))) {
    if (parts.length > 0) parts.push({ type: "group", value: (o.style === "currency" && symbols.currencyGroup) || symbols.group });
    parts.push({ type: "integer", value: local(group) });
  }
  if (shown.fraction !== "") {
    parts.push({ type: "decimal", value: (o.style === "currency" && symbols.currencyDecimal) || symbols.decimal });
    parts.push({ type: "fraction", value: local(shown.fraction) });
  }
  if (shown.exponent === null) return parts;
  parts.push({ type: "exponentSeparator", value: symbols.exponential });
  if (shown.exponent < 0) parts.push({ type: "exponentMinusSign", value: symbols.minusSign });
  parts.push({ type: "exponentInteger", value: local(String(abs(shown.exponent))) });
  return parts;
}

function localDigits(own, text) {
  if (own === "0123456789") return text;
  const letters = Array.from(own);
  return Array.from(text, (digit) => letters[digit] ?? digit).join("");
}

function grouped(o, whole, { primary, secondary }) {
  const least = o.useGrouping === "always" ? 1 : o.useGrouping === "min2" ? 2 : o.data.numbers.grouping;
  const exponential = o.notation === "scientific" || o.notation === "engineering";
  if (o.useGrouping === false || primary === 0 || exponential || whole.length < primary + least) return [whole];
  const groups = [whole.slice(-primary)];
  for (let rest = whole.slice(0, -primary); rest !== ""; rest = rest.slice(0, -secondary)) groups.unshift(rest.slice(-secondary));
  return groups;
}

function withCurrencyName(o, number, shown) {
  const names = o.data.sections?.currencies ?? {};
  const count = shown.whole === "" ? "other" : pluralCategory(o.data.plurals, shown.whole, shown.fraction, shown.compact);
  const own = names[o.currency] ?? {};
  const name = { type: "currency", value: own[count] ?? own.other ?? own.name ?? o.currency };
  const unit = o.data.numbers.unit;
  return placed(unit[count] ?? unit.other, [number, [name]]);
}

// `{0} {1}` with lists of parts in the places.
function placed(pattern, lists) {
  return pattern.split(/(\{\d\})/).flatMap((piece) => {
    const [, at] = /^\{(\d)\}$/.exec(piece) ?? [];
    return at !== undefined ? lists[at] : piece === "" ? [] : [{ type: "literal", value: piece }];
  });
}
