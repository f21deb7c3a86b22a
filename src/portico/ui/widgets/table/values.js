// What a value reads as, and what a text means: numbers, money, and dates (`dates.js`).

const isNothing = (value) => value === null || value === undefined || value === "";

function textOf(value) {
  if (value === null || value === undefined || typeof value === "function") return "";
  return typeof value === "object" ? JSON.stringify(value) ?? "" : String(value);
}

function numberOf(value) {
  if (typeof value === "number") return value;
  return isNothing(value) || typeof value === "boolean" ? NaN : Number(value);
}

// Where nothing else is said, a truth that came as text is read as people write it.
const isTrue = (value) => Boolean(value) && value !== "false" && value !== "0";

// A number or a date as a column shows it (`columns.js`: `format`); what is neither reads as it is.
function formatted(value, format) {
  if (isNothing(value)) return "";
  return format.of === "date" ? formattedDate(value, format) : formattedNumber(value, format);
}

function formattedDate(value, { input, output }) {
  const time = timeOf(value, input);
  if (Number.isNaN(time)) return textOf(value);
  return dateText(time, output || (hasTime(value, input) ? "YYYY-MM-DD HH:mm" : "YYYY-MM-DD"));
}

function formattedNumber(value, { decimals, currency, separate }) {
  const number = numberOf(value);
  if (!Number.isFinite(number)) return textOf(value);
  const digits = Number.isInteger(decimals) && decimals >= 0 && decimals <= 20 ? number.toFixed(decimals) : textOf(number);
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(digits) ?? [null, "", digits, ""];
  const grouped = separate ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole;
  return sign + (currency ? signOf(currency) : "") + grouped + rest;
}

const SIGNS = { USD: "$", EUR: "€", GBP: "£", JPY: "¥", CNY: "CN¥", INR: "₹", KRW: "₩", BRL: "R$", CAD: "CA$", AUD: "A$", MXN: "MX$", NZD: "NZ$", HKD: "HK$", ILS: "₪", VND: "₫" };
const WITHOUT_CENTS = ["JPY", "KRW", "VND", "CLP", "ISK", "UGX", "XAF", "XOF"];

const signOf = (currency) => SIGNS[currency] ?? currency + " ";
