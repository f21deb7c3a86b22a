// Export: the rows that are there, as CSV (RFC 4180), for spreadsheets.

const LINES = "\r\n";
const MOST_TEXT = 5 << 20; // characters that fit into a turn's answer, whatever they are written as
const NUMBER = /^[+-]?\d+([.,]\d+)*(e[+-]?\d+)?$/i;

// A spreadsheet takes what begins like this for a formula, which may do things on the machine of whoever
// opens the file: an apostrophe makes it text. A number is no formula.
const FORMULA = ["=", "+", "-", "@", "\t", "\r"];
const ODD = /["\r\n]|\0[=+\-@\t]/;
const guarded = (text) => (FORMULA.includes(text[0]) && !NUMBER.test(text) ? "'" + text : text);

// Quotes stand around what would else end the cell, and are doubled inside.
function cellText(given, delimiter) {
  const text = guarded(given);
  const odd = [delimiter, '"', "\n", "\r"].some((part) => text.includes(part));
  return odd ? `"${text.replaceAll('"', '""')}"` : text;
}

// A line of the file. Most have nothing odd in them, and one look at all cells together tells.
function lineOf(cells, delimiter) {
  const line = "\0" + cells.join("\0");
  const odd = line.includes(delimiter) || ODD.test(line);
  return odd ? cells.map((text) => cellText(text, delimiter)).join(delimiter) : cells.join(delimiter);
}

// Numbers without the marks of money and thousands, so that they can be calculated with; addresses, not
// their words. Of 50,000 rows each function that is called for a cell counts: numbers and texts need none.
function cellsForFile(columns, row, index, kit) {
  const cells = [];
  for (const column of columns) {
    const value = column.computed ? valueIn(column, row, index, kit) : row[column.alias];
    if (column.worded) cells.push(wordsIn(column, value, row, index, kit));
    else cells.push(typeof value === "string" ? value : typeof value === "number" ? "" + value : textOf(value));
  }
  return cells;
}

function download(self, kit) {
  allowed(self.isVisibleDownload, kit);
  const delimiter = textOf(self.delimiter) || ",";
  const columns = self.seen.filter((column) => !kindOf(column).acts)
    .map((column) => ({ ...column, worded: column.type === "date" || column.type === "select" }));
  const rowAt = rowReader(self);
  const lines = [columns.map(({ label }) => cellText(label, delimiter)).join(delimiter)];
  for (const index of self.order) lines.push(lineOf(cellsForFile(columns, rowAt(index), index, kit), delimiter));
  const text = lines.join(LINES) + LINES;
  if (text.length > MOST_TEXT) throw kit.refusal("There is too much to download. Please filter first.");
  kit.download(text, `${self.name}.csv`, "text/csv");
}
