// Dates, in the letters that authors know (YYYY-MM-DD HH:mm). A time is what a clock on the visitor's wall
// says, as the milliseconds at which it would say so in UTC. A date without a zone says just that.

const wallOf = (moment) => moment - new Date(moment).getTimezoneOffset() * 60000;

function momentOf(wall) {
  const date = new Date(wall);
  return new Date(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()).getTime();
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const SHORTHANDS = {
  LTS: "h:mm:ss A", LT: "h:mm A", L: "MM/DD/YYYY", LL: "MMMM D, YYYY", LLL: "MMMM D, YYYY h:mm A", LLLL: "dddd, MMMM D, YYYY h:mm A",
};
const SHORTHAND = /\[[^\]]*\]|LLLL|LLL|LL|LTS|LT|L/g;
const TOKEN = /\[[^\]]*\]|YYYY|YY|MMMM|MMM|MM|M|Do|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|X|x|ZZ|Z/g;
const ISO = /^\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d(?:\.\d+)?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

function offsetOf(date, between) {
  const minutes = Math.round((date.getTime() - momentOf(date)) / 60000);
  const size = Math.abs(minutes);
  return (minutes < 0 ? "-" : "+") + two(Math.floor(size / 60)) + between + two(size % 60);
}

const two = (number) => (number < 10 ? "0" + number : "" + number);
const twelve = (date) => date.getUTCHours() % 12 || 12;
const half = (date) => (date.getUTCHours() < 12 ? "AM" : "PM");

function ordinal(day) {
  const teen = day % 100 > 10 && day % 100 < 14;
  return day + (teen ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th");
}

const WRITERS = {
  YYYY: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  YY: (date) => two(date.getUTCFullYear() % 100),
  MMMM: (date) => MONTHS[date.getUTCMonth()],
  MMM: (date) => MONTHS[date.getUTCMonth()].slice(0, 3),
  MM: (date) => two(date.getUTCMonth() + 1),
  M: (date) => date.getUTCMonth() + 1,
  Do: (date) => ordinal(date.getUTCDate()),
  DD: (date) => two(date.getUTCDate()),
  D: (date) => date.getUTCDate(),
  dddd: (date) => DAYS[date.getUTCDay()],
  ddd: (date) => DAYS[date.getUTCDay()].slice(0, 3),
  HH: (date) => two(date.getUTCHours()),
  H: (date) => date.getUTCHours(),
  hh: (date) => two(twelve(date)),
  h: twelve,
  mm: (date) => two(date.getUTCMinutes()),
  m: (date) => date.getUTCMinutes(),
  ss: (date) => two(date.getUTCSeconds()),
  s: (date) => date.getUTCSeconds(),
  SSS: (date) => String(date.getUTCMilliseconds()).padStart(3, "0"),
  A: half,
  a: (date) => half(date).toLowerCase(),
  X: (date) => Math.floor(momentOf(date) / 1000),
  x: (date) => momentOf(date),
  Z: (date) => offsetOf(date, ":"),
  ZZ: (date) => offsetOf(date, ""),
};

// What a token looks like, and what of a date it says.
const READERS = {
  YYYY: ["\\d{4}", "year"], YY: ["\\d{2}", "shortYear"],
  MMMM: ["[A-Za-z]+", "monthName"], MMM: ["[A-Za-z]+", "monthName"], MM: ["\\d{1,2}", "month"], M: ["\\d{1,2}", "month"],
  Do: ["\\d{1,2}(?:st|nd|rd|th)", "day"], DD: ["\\d{1,2}", "day"], D: ["\\d{1,2}", "day"],
  dddd: ["[A-Za-z]+", "name"], ddd: ["[A-Za-z]+", "name"],
  HH: ["\\d{1,2}", "hour"], H: ["\\d{1,2}", "hour"], hh: ["\\d{1,2}", "hour"], h: ["\\d{1,2}", "hour"],
  mm: ["\\d{1,2}", "minute"], m: ["\\d{1,2}", "minute"], ss: ["\\d{1,2}", "second"], s: ["\\d{1,2}", "second"], SSS: ["\\d{1,3}", "millisecond"],
  A: ["[AaPp][Mm]", "half"], a: ["[AaPp][Mm]", "half"],
  X: ["\\d+(?:\\.\\d+)?", "seconds"], x: ["\\d+", "milliseconds"],
  Z: ["Z|[+-]\\d\\d:?\\d\\d", "zone"], ZZ: ["Z|[+-]\\d\\d:?\\d\\d", "zone"],
};

const patterns = new Map(); // format → how it is written and read

function patternOf(wanted) {
  let pattern = patterns.get(wanted);
  if (pattern === undefined) {
    const spelled = wanted.replace(SHORTHAND, (found) => SHORTHANDS[found] ?? found);
    pattern = { parts: partsOf(spelled), ...readerOf(spelled) };
    if (patterns.size < 100) patterns.set(wanted, pattern);
  }
  return pattern;
}

function partsOf(spelled) {
  const parts = [];
  let end = 0;
  for (const found of spelled.matchAll(TOKEN)) {
    parts.push(spelled.slice(end, found.index), WRITERS[found[0]] ?? found[0].slice(1, -1));
    end = found.index + found[0].length;
  }
  return [...parts, spelled.slice(end)].filter((part) => part !== "");
}

function readerOf(spelled) {
  const says = [];
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\\/]/g, "\\$&");
  let source = "", end = 0;
  for (const found of spelled.matchAll(TOKEN)) {
    const [look, what] = READERS[found[0]] ?? [literal(found[0].slice(1, -1)), "name"];
    source += literal(spelled.slice(end, found.index)) + `(${look})`;
    says.push(what);
    end = found.index + found[0].length;
  }
  return { look: new RegExp(`^${source}${literal(spelled.slice(end))}$`), says };
}

// What the engine writes by itself, and tables show most: the beginning of an ISO date.
const SHORT_ISO = { "YYYY-MM-DD": 10, "YYYY-MM-DD HH:mm": 16, "YYYY-MM-DD HH:mm:ss": 19 };
const YEAR_10000 = Date.UTC(10000, 0);

function dateText(time, wanted) {
  const date = new Date(time);
  const length = SHORT_ISO[wanted];
  if (length !== undefined && time > 0 && time < YEAR_10000) return date.toISOString().slice(0, length).replace("T", " ");
  let text = "";
  for (const part of patternOf(wanted).parts) text += typeof part === "function" ? part(date) : part;
  return text;
}

const EPOCHS = { Epoch: 1000, X: 1000, Milliseconds: 1, x: 1 };

// The time on the wall, NaN for what is no date.
function timeOf(value, wanted) {
  if (typeof value === "string") return wanted === "" ? isoTime(value) : writtenTime(value.trim(), wanted);
  if (value instanceof Date) return wallOf(value.getTime());
  return typeof value === "number" ? wallOf(value * (EPOCHS[wanted] ?? 1)) : NaN;
}

function isoTime(text) {
  if (text.endsWith("Z")) return wallOf(Date.parse(text));
  const found = ISO.exec(text.trim());
  if (found === null) return text.trim() === "" ? NaN : onTheWall(new Date(text));
  const time = text.trim().replace(" ", "T").replace(/\s/g, "");
  if (found[4] !== undefined) return wallOf(Date.parse(time));
  return Date.parse(found[2] === undefined ? time : time + "Z");
}

const onTheWall = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds());

// A date that is not written as it was said to be may still be one that everybody can read.
function writtenTime(text, wanted) {
  if (EPOCHS[wanted] !== undefined) return text === "" ? NaN : wallOf(Number(text) * EPOCHS[wanted]);
  const found = read(text, patternOf(wanted));
  return Number.isNaN(found) && ISO.test(text) ? isoTime(text) : found;
}

function read(text, { look, says }) {
  const found = look.exec(text);
  if (found === null) return NaN;
  const part = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 };
  says.forEach((what, at) => (part[what] = found[at + 1]));
  if (part.seconds !== undefined) return wallOf(Number(part.seconds) * 1000);
  if (part.milliseconds !== undefined) return wallOf(Number(part.milliseconds));
  const month = part.monthName === undefined ? Number(part.month) - 1 : MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === part.monthName.slice(0, 3).toLowerCase());
  const year = part.shortYear === undefined ? Number(part.year) : 1900 + Number(part.shortYear) + (Number(part.shortYear) < 69 ? 100 : 0);
  const hour = part.half === undefined ? Number(part.hour) : (Number(part.hour) % 12) + (/p/i.test(part.half) ? 12 : 0);
  const day = parseInt(part.day, 10);
  const time = Date.UTC(year, month, day, hour, Number(part.minute), Number(part.second), Number(part.millisecond));
  // 31 February is no date, and neither is 25 o'clock.
  const right = new Date(time).getUTCMonth() === month && new Date(time).getUTCDate() === day && hour < 24;
  if (!right) return NaN;
  return part.zone === undefined ? time : wallOf(time - minutesOf(part.zone) * 60000);
}

function minutesOf(zone) {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  return found === null ? 0 : (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3]));
}

// Whether a value says more than a day.
function hasTime(value, wanted) {
  if (wanted) return EPOCHS[wanted] !== undefined || patternOf(wanted).says.some((what) => what === "hour");
  return typeof value !== "string" || value.includes(":");
}

// In the form in which the data have their dates: with a zone unless `before` has none.
function meantDate(typed, input, before) {
  const time = timeOf(typed, "");
  if (Number.isNaN(time)) return typed;
  if (EPOCHS[input] !== undefined) return momentOf(time) / EPOCHS[input];
  if (input !== "") return dateText(time, input);
  if (!hasTime(typed, "")) return typed;
  const [, , clock, , zone] = (typeof before === "string" && ISO.exec(before.trim())) || [];
  const zoneless = clock !== undefined && zone === undefined;
  return zoneless ? dateText(time, `YYYY-MM-DD[${clock[0]}]HH:mm:ss`) : new Date(momentOf(time)).toISOString();
}
