// Intl.DateTimeFormat: options → a pattern of CLDR (UTS 35, Date Format Patterns) → parts.

const TEXT_WIDTHS = { long: 4, short: 3, narrow: 5 };
const NUMBER_WIDTHS = { numeric: 1, "2-digit": 2 };
const FIELDS = [
  ["weekday", "E", TEXT_WIDTHS],
  ["era", "G", TEXT_WIDTHS],
  ["year", "y", NUMBER_WIDTHS],
  ["month", "M", { ...NUMBER_WIDTHS, ...TEXT_WIDTHS }],
  ["day", "d", NUMBER_WIDTHS],
  ["hour", "h", NUMBER_WIDTHS],
  ["minute", "m", NUMBER_WIDTHS],
  ["second", "s", NUMBER_WIDTHS],
];
const DATE_LETTERS = "GyMEd", TIME_LETTERS = "hmsz";
const STYLES_OF_DATES = ["full", "long", "medium", "short"];
const ZONE_NAMES = ["short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"];
const DATE_FIELDS = ["weekday", "year", "month", "day"], TIME_FIELDS = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
const CYCLES = { h11: "K", h12: "h", h23: "H", h24: "k" };

class DateTimeFormat {
  #o;
  #bound;

  constructor(locales, options, required = "any", defaults = "date") {
    const { locale, data, keywords } = resolveLocale(locales);
    this.#o = dateOptions(optionsOf(options), { locale, data, keywords, required, defaults });
  }

  get format() {
    // A narrow space is a space here, as in browsers: such texts are compared and parsed.
    return (this.#bound ??= (date) => this.formatToParts(date).map((part) => part.value).join("").replaceAll("\u202f", " "));
  }

  formatToParts(date) {
    const time = date === undefined ? now : Number(date);
    if (!(abs(time) <= 8.64e15)) throw new RangeError("Invalid time value");
    return dateParts(this.#o, time);
  }

  resolvedOptions() {
    const { locale, data, zone, zoneName, cycle, chosen: fields } = this.#o;
    const found = { locale, calendar: "gregory", numberingSystem: data.numbers.system, timeZone: zoneName ?? zone.name };
    if (cycle !== null) Object.assign(found, { hourCycle: cycle, hour12: cycle === "h12" || cycle === "h11" });
    return Object.assign(found, fields);
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}

// ---- Options

function dateOptions(options, { locale, data, keywords, required, defaults }) {
  const { zone, zoneName } = zoneOf(options.timeZone);
  const fields = fieldsOf(options);
  const dateStyle = chosen(options, "dateStyle", STYLES_OF_DATES, undefined);
  const timeStyle = chosen(options, "timeStyle", STYLES_OF_DATES, undefined);
  const hourCycle = chosen(options, "hourCycle", keysOf(CYCLES), undefined);
  const cycle = cycleOf(options.hour12, hourCycle ?? keywords.hc, data.dates.cycle);
  const styled = dateStyle !== undefined || timeStyle !== undefined;
  if (styled) {
    const [extra] = keysOf(fields);
    if (extra !== undefined) throw new TypeError(`Can't set option ${extra} when ${dateStyle !== undefined ? "dateStyle" : "timeStyle"} is used`);
    if (required === "date" && timeStyle !== undefined) throw new TypeError("Invalid option : timeStyle");
    if (required === "time" && dateStyle !== undefined) throw new TypeError("Invalid option : dateStyle");
    const given = { ...(dateStyle && { dateStyle }), ...(timeStyle && { timeStyle }) };
    const found = { locale, data, zone, zoneName, cycle: timeStyle ? cycle : null, chosen: given, zoneWidth: null };
    return { ...found, pattern: readPattern(stylePattern(data, dateStyle, timeStyle, cycle)) };
  }
  const need = (names) => names.some((name) => fields[name] !== undefined);
  const lacking = !((required !== "time" && need(DATE_FIELDS)) || (required !== "date" && need(TIME_FIELDS)));
  if (lacking && defaults !== "time") for (const name of ["year", "month", "day"]) fields[name] = "numeric";
  if (lacking && defaults !== "date") for (const name of ["hour", "minute", "second"]) fields[name] = "numeric";
  const ofHours = fields.hour === undefined ? null : cycle;
  const found = { locale, data, zone, zoneName, cycle: ofHours, chosen: fields, zoneWidth: fields.timeZoneName ?? null };
  return { ...found, pattern: readPattern(fieldPattern(data, fields, cycle)) };
}

function fieldsOf(options) {
  const found = {};
  for (const [name, , widths] of FIELDS) {
    const value = chosen(options, name, keysOf(widths), undefined);
    if (value !== undefined) found[name] = value;
  }
  const fraction = numberOption(options, "fractionalSecondDigits", 1, 3, undefined);
  if (fraction !== undefined) found.fractionalSecondDigits = fraction;
  const name = chosen(options, "timeZoneName", ZONE_NAMES, undefined);
  if (name !== undefined) found.timeZoneName = name;
  return found;
}

function cycleOf(hour12, wanted, usual) {
  if (hour12 !== undefined) return hour12 ? "h12" : "h23";
  if (wanted !== undefined && Object.hasOwn(CYCLES, wanted)) return wanted;
  return usual === "h" ? "h12" : "h23";
}

function zoneOf(name) {
  if (name === undefined) return { zone: hereZone() };
  const text = String(name);
  const offset = /^([+-])(\d\d)(?::?(\d\d))?$/.exec(text);
  if (offset !== null && +offset[2] < 24 && +(offset[3] ?? 0) < 60) {
    const [, sign, hours, minutes = "00"] = offset;
    const seconds = (sign === "-" ? -60 : 60) * (hours * 60 + +minutes);
    return { zone: new Zone(`${sign}${hours}:${minutes}|${seconds},||`), zoneName: `${sign}${hours}:${minutes}` };
  }
  const zone = /^(etc\/)?(utc|gmt)$/i.test(text) ? UTC_ZONE : zoneNamed(text);
  if (zone === undefined) throw new RangeError(`Invalid time zone specified: ${text}`);
  return { zone };
}

// ---- Patterns

const unquoted = /'[^']*'|([A-Za-z])\1*/g;
const withoutTexts = (pattern) => pattern.replace(/'[^']*'/g, "");

// The pattern as a list of { letter, length } and { text }.
function readPattern(pattern) {
  const found = [];
  for (const [piece] of pattern.matchAll(/''|'[^']*'|([A-Za-z])\1*|[^A-Za-z']+/g)) {
    if (piece === "''") found.push({ text: "'" });
    else if (piece[0] === "'") found.push({ text: piece.slice(1, -1) });
    else if (/[A-Za-z]/.test(piece)) found.push({ letter: piece[0], length: piece.length });
    else found.push({ text: piece });
  }
  return found;
}

function stylePattern(data, dateStyle, timeStyle, cycle) {
  const { dates } = data;
  const time = timeStyle && hoursAs(data, dates.time[timeStyle], cycle);
  if (dateStyle === undefined) return time;
  if (timeStyle === undefined) return dates.date[dateStyle];
  return filled(dates.join[dateStyle], time, dates.date[dateStyle]);
}

const filled = (pattern, zero, one) => pattern.replace(/\{([01])\}/g, (_, at) => (at === "0" ? zero : one));

// A pattern of the locale in another cycle of hours than it has by itself.
function hoursAs(data, pattern, cycle) {
  const letter = CYCLES[cycle];
  const has = /[hHkK]/.exec(withoutTexts(pattern))[0];
  const twelve = (one) => one === "h" || one === "K";
  if (twelve(has) === twelve(letter)) return pattern.replace(unquoted, (piece, one) => (one === has ? letter.repeat(piece.length) : piece));
  const wanted = { hour: /HH|hh|kk|KK/.test(pattern) ? "2-digit" : "numeric", minute: "2-digit" };
  if (pattern.includes("s")) wanted.second = "2-digit";
  const zone = /z+/.exec(withoutTexts(pattern));
  if (zone !== null) wanted.timeZoneName = "short";
  const time = inCycle(bestPattern(data, widthsOf(wanted), twelve(letter) ? "h" : "H"), letter);
  return zone === null ? time : time.replace(unquoted, (piece, one) => (one === "z" || one === "v" ? zone[0] : piece));
}

function widthsOf(fields) {
  const found = {};
  for (const [name, letter, widths] of FIELDS) if (fields[name] !== undefined) found[letter] = widths[fields[name]];
  if (fields.timeZoneName !== undefined) found.z = fields.timeZoneName.startsWith("long") ? 4 : 1;
  return found;
}

const inCycle = (pattern, letter) => pattern.replace(unquoted, (piece, one) => (/[hHkK]/.test(one ?? "") ? letter.repeat(piece.length) : piece));

function fieldPattern(data, fields, cycle) {
  const letter = CYCLES[cycle];
  const pattern = inCycle(wholePattern(data, widthsOf(fields), letter === "h" || letter === "K" ? "h" : "H"), letter);
  const fraction = fields.fractionalSecondDigits;
  if (fraction === undefined) return pattern;
  const places = "S".repeat(fraction);
  if (!/s/.test(withoutTexts(pattern))) return pattern === "" ? places : `${pattern} ${places}`;
  return pattern.replace(unquoted, (piece, one) => (one === "s" ? `${piece}'${data.numbers.symbols.decimal}'${places}` : piece));
}

// Date and time have a pattern together, or one each.
function wholePattern(data, widths, cycle) {
  const all = keysOf(widths);
  const pick = (letters) => Object.fromEntries(all.filter((letter) => letters.includes(letter)).map((letter) => [letter, widths[letter]]));
  const inDate = pick(DATE_LETTERS), inTime = pick(TIME_LETTERS);
  if (all.length === 0) return "";
  if (keysOf(inDate).length === 0 || keysOf(inTime).length === 0) return bestPattern(data, widths, cycle);
  const together = exactPattern(data, widths, cycle);
  if (together !== null) return together;
  const style = inDate.M === 4 ? (inDate.E !== undefined ? "full" : "long") : inDate.M === 3 ? "medium" : "short";
  return filled(data.dates.join[style], bestPattern(data, inTime, cycle), bestPattern(data, inDate, cycle));
}

// ---- The pattern of a locale that comes nearest (UTS 35, Matching Skeletons)

const CLASS = { L: "M", c: "E", e: "E", H: "h", k: "h", K: "h", v: "z" };
const skeletonsRead = new WeakMap();

function skeletonsOf(data) {
  const { skeletons, date, time } = data.dates;
  if (!skeletonsRead.has(skeletons)) {
    // The longer styles count too, unless they name a weekday as it stands alone.
    const long = STYLES_OF_DATES.slice(0, 3).flatMap((style) => [date[style], time[style]]);
    const styled = long.map((pattern) => skeletonOf(withoutTexts(pattern), pattern)).filter(({ pattern }) => !/[cL]/.test(withoutTexts(pattern)));
    skeletonsRead.set(skeletons, [...keysOf(skeletons).map((skeleton) => skeletonOf(skeleton, skeletons[skeleton])), ...styled]);
  }
  return skeletonsRead.get(skeletons);
}

function skeletonOf(text, pattern) {
  const widths = {};
  for (const [piece, letter] of text.matchAll(/([A-Za-z])\1*/g)) {
    const one = CLASS[letter] ?? letter;
    if (one === "a") continue;
    // A weekday by one letter is an abbreviation.
    widths[one] = (one === "E" || one === "G") && piece.length < 3 ? 3 : piece.length;
  }
  const cycle = /[Hk]/.test(text) ? "H" : /[hK]/.test(text) ? "h" : "";
  return { widths, cycle, pattern, letters: keysOf(widths).sort().join("") };
}

const isNumeric = (width) => width <= 2;

function distance(wanted, has) {
  let sum = 0;
  for (const letter of keysOf(wanted)) {
    const one = wanted[letter], other = has[letter];
    sum += isNumeric(one) === isNumeric(other) ? abs(one - other) : 256;
  }
  return sum;
}

function exactPattern(data, wanted, cycle) {
  const letters = keysOf(wanted).sort().join("");
  let best = null, least = Infinity;
  for (const one of skeletonsOf(data)) {
    if (one.letters !== letters || one.cycle !== (letters.includes("h") ? cycle : "")) continue;
    const far = distance(wanted, one.widths);
    if (far < least) [best, least] = [one, far];
  }
  return best === null ? null : adjusted(data, best, wanted);
}

function bestPattern(data, wanted, cycle) {
  const found = exactPattern(data, wanted, cycle);
  if (found !== null) return found;
  const { z, ...others } = wanted;
  const letters = keysOf(others);
  if (letters.length === 0) return "z";
  if (z !== undefined) return filled(data.dates.appendZone, bestPattern(data, others, cycle), "z");
  return letters.length === 1 ? letters[0].replace("h", cycle).repeat(wanted[letters[0]]) : combined(data, wanted, cycle);
}

// No pattern has all fields: the one that has most of them, and the rest beside it.
function combined(data, wanted, cycle) {
  const all = keysOf(wanted);
  const parts = skeletonsOf(data)
    .filter(({ letters, cycle: own }) => letters.length < all.length && [...letters].every((letter) => all.includes(letter)) && (own === "" || own === cycle))
    .sort((one, other) => other.letters.length - one.letters.length);
  const first = parts.length > 0 ? parts[0].letters : all[0];
  const pick = (holds) => Object.fromEntries(Object.entries(wanted).filter(([letter]) => holds(letter)));
  const rest = pick((letter) => !first.includes(letter));
  const main = bestPattern(data, pick((letter) => first.includes(letter)), cycle);
  return keysOf(rest).length === 0 ? main : `${main} ${bestPattern(data, rest, cycle)}`;
}

// Fields become as wide as wanted, where the pattern's kind of field allows it.
function adjusted(data, { pattern, widths }, wanted) {
  return pattern.replace(unquoted, (piece, letter) => {
    const one = CLASS[letter] ?? letter;
    const want = wanted[one];
    if (want === undefined || want === widths[one] || "msz".includes(one)) return piece;
    const numeric = !"EG".includes(one) && isNumeric(piece.length);
    return numeric === isNumeric(want) && (numeric || "EG".includes(one) || !isNumeric(widths[one])) ? letter.repeat(want) : piece;
  });
}

// ---- Parts

const PART_TYPES = { G: "era", y: "year", M: "month", L: "month", d: "day", E: "weekday", c: "weekday", a: "dayPeriod", B: "dayPeriod", h: "hour", H: "hour", k: "hour", K: "hour", m: "minute", s: "second", S: "fractionalSecond", z: "timeZoneName", v: "timeZoneName" };

function dateParts(o, time) {
  const at = partsAt(time, o.zone.offsetAt(time));
  const parts = [];
  for (const { letter, length, text } of o.pattern) {
    const value = text ?? fieldText(o, letter, length, at, time);
    const type = text === undefined ? PART_TYPES[letter] : "literal";
    const last = parts[parts.length - 1];
    if (type === "literal" && last?.type === "literal") last.value += value;
    else parts.push({ type, value });
  }
  return parts;
}

const widthLetter = (length) => (length === 4 ? "w" : length === 5 ? "n" : "a");

function fieldText(o, letter, length, at, time) {
  const { dates, numbers } = o.data;
  const number = (value, width = length) => localDigits(numbers.digits, digits(value, width));
  switch (letter) {
    case "G": return dates.eras[widthLetter(length)][at.year > 0 ? 1 : 0];
    case "y": return yearText(at.year, length, number);
    case "M":
    case "L": return length <= 2 ? number(at.month + 1) : dates.months[letter === "L" ? "s" : "f"][widthLetter(length)][at.month];
    case "d": return number(at.day);
    case "E": return dates.days.f[widthLetter(length)][at.weekday];
    case "c": return dates.days.s[widthLetter(length)][at.weekday];
    case "a": return dates.periods[widthLetter(length)][at.hour < 12 ? "am" : "pm"];
    case "B": return partOfDay(dates, at.hour, widthLetter(length));
    case "h": return number(at.hour % 12 || 12);
    case "H": return number(at.hour);
    case "K": return number(at.hour % 12);
    case "k": return number(at.hour || 24);
    case "m": return number(at.minute);
    case "s": return number(at.second);
    case "S": return localDigits(numbers.digits, digits(at.millisecond, 3).slice(0, length));
  }
  return zoneText(o, length, at, time);
}

function partOfDay({ periods, periodHours }, hour, width) {
  const half = hour < 12 ? "am" : "pm";
  const part = keysOf(periodHours).find((name) => {
    const [from, before] = periodHours[name];
    return from < before ? hour >= from && hour < before : hour >= from || hour < before;
  });
  return periods[width][part] ?? periods[width][half];
}

function yearText(year, length, number) {
  const shown = year > 0 ? year : 1 - year;
  return length === 2 ? number(shown % 100, 2) : number(shown, length);
}

// ---- Names of zones

function zoneText(o, length, at, time) {
  const width = o.zoneWidth ?? (length === 4 ? "long" : "short");
  const long = width.startsWith("long");
  if (!width.endsWith("Offset")) {
    const name = nameOfZone(o, long ? "l" : "s", width.endsWith("Generic"), time);
    if (name !== undefined) return name;
  }
  return offsetText(o.data, at.offset, long);
}

function nameOfZone({ zone, data }, width, generic, time) {
  const names = data.sections?.zones ?? {};
  const own = names[zone === UTC_ZONE ? "Etc/UTC" : zone.name] ?? {};
  const meta = names[`meta:${zoneNames[zone.name]}`] ?? {};
  const kind = generic ? "g" : isSummer(zone, time) ? "d" : "s";
  const found = own[width + kind] ?? meta[width + kind];
  // Where a zone has no summer time its only name is the one of standard time.
  return found ?? (generic ? own[`${width}s`] ?? meta[`${width}s`] : undefined);
}

// Whether it is later now than at another time of the year around.
function isSummer(zone, time) {
  const offset = zone.offsetAt(time);
  return [-182, -91, 91, 182].some((days) => zone.offsetAt(time + days * DAY) < offset) && zone.offsetAt(time - 365 * DAY) === offset;
}

function offsetText({ dates, numbers }, offset, long) {
  if (offset === 0) return dates.gmtZero;
  const [plus, minus] = dates.gmtHours.split(";");
  const minutes = floor(abs(offset) / MINUTE);
  const text = (offset < 0 ? minus : plus).replace(/HH?|(.)mm/g, (piece, mark) => {
    if (piece[0] === "H") return digits(floor(minutes / 60), long ? 2 : 1);
    return long || minutes % 60 !== 0 ? mark + digits(minutes % 60) : "";
  });
  return dates.gmt.replace("{0}", localDigits(numbers.digits, text));
}
