// What is picked: a time on the visitor's wall (`table/dates.js`), and how its control writes it.

const USUAL = "YYYY-MM-DD HH:mm";
const HELD = { day: "YYYY-MM-DD", minute: "YYYY-MM-DDTHH:mm", second: "YYYY-MM-DDTHH:mm:ss", millisecond: "YYYY-MM-DDTHH:mm:ss.SSS" };
// What its control can show, on the wall.
const FIRST = Date.UTC(1000, 0), END = Date.UTC(10000, 0);

// Characters of a date or a format: no sensible one has more.
const LONGEST = 200;

const isShort = (text) => typeof text === "string" && text.length <= LONGEST;
const formatOf = (self) => (isShort(self.dateFormat) && self.dateFormat.trim() !== "" ? self.dateFormat : USUAL);

// To the minute or finer where the author asks for that, and the format shows it.
function precisionOf(self) {
  const asked = self.timePrecision;
  if (asked === "None" || !hasTime("", formatOf(self))) return "day";
  return asked === "second" || asked === "millisecond" ? asked : "minute";
}

// A date as its format writes it, or as everybody can read it; NaN for what is none.
function wallFrom(value, format) {
  const plain = written(value);
  if (typeof plain === "number") return within(timeOf(plain, EPOCHS[format] === undefined ? "" : format));
  if (plain === "") return NaN;
  const found = timeOf(plain, format);
  return within(Number.isNaN(found) ? timeOf(plain, "") : found);
}

const within = (wall) => (wall >= FIRST && wall < END ? wall : NaN);

// A value as state can hold it. Dates, and those of libraries, say what they are in the words of ISO 8601.
function written(value) {
  if (isShort(value) || (typeof value === "number" && Number.isFinite(value))) return value;
  if (value === null || typeof value !== "object" || typeof value.toISOString !== "function") return "";
  try {
    const text = value.toISOString();
    return isShort(text) ? text : "";
  } catch {
    return ""; // no date that there is
  }
}

const pickedWall = (self) => wallFrom(self.picked ?? self.defaultDate, formatOf(self));
const boundWall = (self, name) => wallFrom(self[name], formatOf(self));
const heldText = (wall, precision) => (Number.isNaN(wall) ? "" : dateText(wall, HELD[precision]));
const isoText = (wall) => (Number.isNaN(wall) ? "" : new Date(momentOf(wall)).toISOString());

function shownText(wall, format) {
  if (Number.isNaN(wall)) return "";
  const unit = EPOCHS[format];
  return unit === undefined ? dateText(wall, format) : String(Math.floor(momentOf(wall) / unit));
}

// What is wrong with it, in one word. The bounds belong to what is allowed, to the precision of the control.
function problemOf(self) {
  if (self.held === "") return self.isRequired ? "required" : "";
  if (self.least !== "" && self.held < self.least) return "low";
  return self.most !== "" && self.held > self.most ? "high" : "";
}

function messageOf(self) {
  const said = (name) => shownText(boundWall(self, name), formatOf(self));
  switch (self.problem) {
    case "required":
      return "Please pick a date.";
    case "low":
      return `Please pick ${said("minDate")} or later.`;
    case "high":
      return `Please pick ${said("maxDate")} or earlier.`;
  }
  return "";
}

return { formatOf, precisionOf, pickedWall, boundWall, heldText, isoText, shownText, problemOf, messageOf, written };
