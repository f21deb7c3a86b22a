// Dates in the visitor's time zone. Zones come from the server as lines of text (docs/design/program.md), which are
// read when they are first used.

// ---- Zones

const MINUTE = 60_000, DAY = 86_400_000;
const zoneLines = new Map(); // name → line
const zonesRead = new Map(); // name → Zone
const { floor, trunc, abs } = Math;
const utc = NativeDate.UTC, nativeParse = NativeDate.parse;

class Zone {
  constructor(line) {
    const [name, kinds, changes, rule] = line.split("|");
    this.name = name;
    this.kinds = kinds.split(";").map((kind) => {
      const [offset, abbreviation] = kind.split(",");
      return freeze({ offset: offset * 1000, abbreviation });
    });
    this.times = [];
    this.which = [];
    let time = 0;
    for (const change of changes === "" ? [] : changes.split(" ")) {
      const [step, kind] = change.split(".");
      time += parseInt(step, 36) * 1000;
      this.times.push(time);
      this.which.push(parseInt(kind, 36));
    }
    this.rule = rule ? new Rule(this.kinds, rule.split(",")) : null;
    this.fixed = this.kinds.length === 1 && this.rule === null;
  }

  // What kind of time it is at a moment.
  kindAt(time) {
    const { times } = this;
    let from = 0, to = times.length;
    if (to === 0 || time < times[0]) return this.kinds[0];
    if (this.rule !== null && time >= times[to - 1]) return this.rule.kindAt(time);
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (times[middle] <= time) from = middle;
      else to = middle;
    }
    return this.kinds[this.which[from]];
  }

  offsetAt(time) {
    return this.kindAt(time).offset;
  }

  // ECMAScript, UTC(t): a time that was skipped, or that there are two of, is read with the offset from before the change.
  moment(local) {
    if (this.fixed) return local - this.kinds[0].offset;
    const before = this.offsetAt(local - DAY), after = this.offsetAt(local + DAY);
    if (before === after || this.offsetAt(local - before) === before) return local - before;
    return this.offsetAt(local - after) === after ? local - after : local - before;
  }

  // When it changed until a year, for libraries that keep lists.
  changesUntil(year) {
    const found = this.times.map((time, at) => [time, this.kinds[this.which[at]]]);
    if (this.rule === null || found.length === 0) return found;
    const last = found[found.length - 1][0];
    for (let next = new NativeDate(last).getUTCFullYear(); next <= year; next++) {
      found.push(...this.rule.changes(next).filter(([time]) => time > last));
    }
    return found;
  }
}

// What holds after the last change that is written out: every year has two.
class Rule {
  constructor(kinds, [standard, summer, begin, end]) {
    this.standard = kinds[standard];
    this.summer = kinds[summer];
    this.begin = begin.split(".").map(Number);
    this.end = end.split(".").map(Number);
    this.years = new Map();
  }

  changes(year) {
    let found = this.years.get(year);
    if (found === undefined) {
      const begin = dayOf(year, this.begin) - this.standard.offset, end = dayOf(year, this.end) - this.summer.offset;
      found = [[begin, this.summer], [end, this.standard]].sort(([one], [other]) => one - other);
      this.years.set(year, found);
    }
    return found;
  }

  kindAt(time) {
    const [first, second] = this.changes(new NativeDate(time + this.standard.offset).getUTCFullYear());
    return time >= first[0] && time < second[0] ? first[1] : second[1];
  }
}

// Month, week (5: the last), weekday and second of the day, in a year: as milliseconds.
function dayOf(year, [month, week, weekday, second]) {
  const first = utc(year, month - 1, 1);
  const start = (weekday - new NativeDate(first).getUTCDay() + 7) % 7;
  let day = start + (week - 1) * 7;
  if (day >= (utc(year, month, 1) - first) / DAY) day -= 7;
  return first + day * DAY + second * 1000;
}

const UTC_ZONE = new Zone("UTC|0,UTC||");
zonesRead.set("UTC", UTC_ZONE);
const visitorsZone = new Cell(UTC_ZONE);

learnZones = (text) => {
  for (const line of text.split("\n")) zoneLines.set(line.slice(0, line.indexOf("|")), line);
};

// Names are the same in any case (ECMA-402, 6.5.1).
function zoneNamed(name) {
  let zone = zonesRead.get(name);
  if (zone !== undefined) return zone;
  const line = zoneLines.get(name) ?? zoneLines.get(spelling(name));
  if (line !== undefined) zonesRead.set(name, (zone = new Zone(line)));
  return zone;
}

let spellings = null;

function spelling(name) {
  if (spellings === null || spellings.size < zoneLines.size) {
    spellings = new Map([...zoneLines.keys()].map((known) => [known.toLowerCase(), known]));
  }
  return spellings.get(name.toLowerCase());
}

const hereZone = () => visitorsZone.read();

useZone = (name) => {
  const zone = zoneNamed(name) ?? UTC_ZONE;
  if (zone !== visitorsZone.value) visitorsZone.write(zone);
};

// ---- Date: getters, setters and texts by way of the engine's UTC ones

const DatePrototype = NativeDate.prototype;
const timeOf = DatePrototype.getTime, setTimeOf = DatePrototype.setTime;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const scratch = new NativeDate(0);
const methods = {};

for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
  const get = DatePrototype[`getUTC${part}`], set = DatePrototype[`setUTC${part}`];
  methods[`get${part}`] = function () {
    const time = apply(timeOf, this, []), zone = hereZone();
    if (zone === UTC_ZONE || time !== time) return apply(get, this, []);
    apply(setTimeOf, scratch, [time + zone.offsetAt(time)]);
    return apply(get, scratch, []);
  };
  if (set === undefined) continue;
  methods[`set${part}`] = function (...args) {
    const time = apply(timeOf, this, []), zone = hereZone();
    // An invalid date has no time to change but a year makes it one (ECMAScript, setFullYear).
    const local = new NativeDate(time !== time ? (part === "FullYear" ? 0 : NaN) : time + zone.offsetAt(time));
    const changed = apply(set, local, args);
    return apply(setTimeOf, this, [changed !== changed ? NaN : zone.moment(changed)]);
  };
  defineProperty(methods[`set${part}`], "length", { value: set.length });
}

methods.getYear = function () {
  return apply(methods.getFullYear, this, []) - 1900;
};
methods.setYear = function (year) {
  const number = trunc(Number(year));
  return apply(methods.setFullYear, this, [number >= 0 && number <= 99 ? number + 1900 : number]);
};
methods.getTimezoneOffset = function () {
  const time = apply(timeOf, this, []);
  return time !== time ? NaN : trunc(-hereZone().offsetAt(time) / MINUTE) + 0;
};
methods.toString = function () {
  const local = localParts(this);
  return local === null ? "Invalid Date" : `${dateText(local)} ${timeText(local)}`;
};
methods.toDateString = function () {
  const local = localParts(this);
  return local === null ? "Invalid Date" : dateText(local);
};
methods.toTimeString = function () {
  const local = localParts(this);
  return local === null ? "Invalid Date" : timeText(local);
};
// Without `Intl` in a context these are as ECMAScript alone has them.
methods.toLocaleString = function () {
  return apply(methods.toString, this, []);
};
methods.toLocaleDateString = function () {
  return apply(methods.toDateString, this, []);
};
methods.toLocaleTimeString = function () {
  return apply(methods.toTimeString, this, []);
};

for (const name of keysOf(methods)) {
  defineProperty(methods[name], "name", { value: name });
  defineProperty(DatePrototype, name, { value: methods[name], writable: true, enumerable: false, configurable: true });
}

const digits = (number, length = 2) => String(number).padStart(length, "0");

// A date's fields in a zone; null for an invalid one.
function localParts(date, zone = hereZone()) {
  const time = apply(timeOf, date, []);
  return time !== time ? null : partsAt(time, zone.offsetAt(time));
}

function partsAt(time, offset) {
  const local = new NativeDate(time + offset);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: local.getUTCMilliseconds(),
    offset,
  };
}

function dateText({ weekday, month, day, year }) {
  return `${WEEKDAYS[weekday]} ${MONTHS[month]} ${digits(day)} ${year < 0 ? "-" : ""}${digits(abs(year), year < 0 ? 6 : 4)}`;
}

function timeText({ hour, minute, second, offset }) {
  const minutes = floor(abs(offset) / MINUTE);
  const zone = `${offset < 0 ? "-" : "+"}${digits(floor(minutes / 60))}${digits(minutes % 60)}`;
  return `${digits(hour)}:${digits(minute)}:${digits(second)} GMT${zone}`;
}

// ---- What a Date is made from

const DATE_ONLY = /^(?:\d{4}|[+-]\d{6})(?:-\d\d(?:-\d\d)?)?$/;
const ZONE_WORD = /\b(?:GMT|UTC?|Z|[ECMP][SD]T)\b/i;
const ZONE_OFFSET = /:\d\d(?:[.,]\d+)?\s*(?:[AP]M\s*)?(?:Z|[+-]\d\d?(?::?\d\d)?)/i;

// A text that names no zone is of the visitor's, but a date alone in the form of ISO is of UTC.
parseDate = (text) => {
  const time = nativeParse(text), zone = hereZone();
  if (zone === UTC_ZONE || time !== time) return time;
  return DATE_ONLY.test(text) || ZONE_WORD.test(text) || ZONE_OFFSET.test(text) ? time : zone.moment(time);
};

// ToPrimitive with the hint `default`, which a Date is made with.
function primitive(value) {
  if (!isObject(value) && typeof value !== "function") return value;
  const own = value[Symbol.toPrimitive];
  if (own !== undefined && own !== null) return apply(own, value, ["default"]);
  for (const name of ["valueOf", "toString"]) {
    const found = typeof value[name] === "function" ? value[name]() : value;
    if (!isObject(found) && typeof found !== "function") return found;
  }
  throw new TypeError("Cannot convert object to primitive value");
}

function timeFrom(args) {
  if (args.length === 0) return now;
  if (args.length > 1) {
    const local = apply(utc, undefined, args);
    return local !== local ? NaN : hereZone().moment(local);
  }
  if (args[0] instanceof NativeDate) return apply(timeOf, args[0], []);
  const value = primitive(args[0]);
  return typeof value === "string" ? parseDate(value) : Number(value);
}

dateArguments = (args) => [timeFrom(args)];
