// Rows: from what the author bound, the key by which pages and addresses know them, and what was edited.

// The data as a list of objects. What is no list of rows is said, and shows nothing.
function rowsFrom(given, kit) {
  const data = typeof given === "string" && given.trim() !== "" ? parsed(given) : given;
  if (data === null || data === undefined || data === "" || (typeof data === "string" && data.trim() === "")) return [];
  if (!Array.isArray(data)) {
    if (typeof data !== "object" || Object.keys(data).length > 0) {
      kit.complain("tableData", `tableData has to be a list of objects, or JSON text of one, not ${described(given)}`);
    }
    return [];
  }
  const isRow = (row) => row !== null && typeof row === "object" && !Array.isArray(row);
  if (data.every(isRow)) return data;
  const odd = data.findIndex((row) => !isRow(row));
  kit.complain("tableData", `tableData has to be a list of objects; item ${odd} is ${described(data[odd])}, and is left out`);
  return data.filter(isRow);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return 0; // anything that is no list
  }
}

function described(value) {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  const text = textOf(value);
  return { object: "an object", string: "the text ", number: "the number ", boolean: "" }[typeof value] + (typeof value === "object" ? "" : text.length > 40 ? text.slice(0, 40) + "…" : text);
}

// ---- Keys

// A number that differs for rows of different content; of long ones not every character counts.
function fingerprint(row) {
  const text = contentOf(row);
  const step = Math.ceil(text.length / 512) || 1;
  let hash = text.length;
  for (let at = 0; at < text.length; at += step) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return (hash >>> 0).toString(36);
}

function contentOf(row) {
  try {
    return textOf(row);
  } catch {
    return Object.keys(row).join(); // what cannot be written as JSON, such as a cycle
  }
}

const MOST = 150; // characters of a key
const escaped = (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase();

// Values of the primary key → the index of the first row that has it.
function indicesOf(self) {
  const indices = new Map();
  const name = textOf(self.primaryKey);
  if (name === "") return indices;
  self.tableData.forEach((row, index) => {
    const value = textOf(row[name]);
    if (value !== "" && !indices.has(value)) indices.set(value, index);
  });
  return indices;
}

// By the author's key, so that what a user does to a row stays with it wherever it goes. Without one, by
// its place and its content: a row that became another in the meantime is not taken for it.
function keyOf(self, index) {
  const row = self.tableData[index];
  const value = self.primaryKey ? textOf(row[textOf(self.primaryKey)]) : "";
  if (value !== "" && self.indices.get(value) === index) {
    const written = encodeURIComponent(value.toWellFormed()).replace(/[!'()*.~]/g, escaped);
    if (written.length <= MOST && value.isWellFormed()) return "p" + written;
  }
  return `i${index}~${fingerprint(row)}`;
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // no key of ours
  }
}

// Where the row of a key stands in the data; -1 if it does not any more.
function indexOf(self, key) {
  if (typeof key !== "string") return -1;
  if (key.startsWith("p")) return self.indices.get(unescaped(key.slice(1))) ?? -1;
  const [, index, mark] = /^i(\d{1,9})~(\w+)$/.exec(key) ?? [];
  const row = self.tableData[Number(index)];
  return row !== undefined && fingerprint(row) === mark ? Number(index) : -1;
}

// ---- What was edited, and is not in the data yet

// Index → edited fields. An edit ends when the data bring the row anew, with whatever it then holds.
function overlayOf(self) {
  const overlay = new Map();
  for (const [key, { mark, fields }] of Object.entries(self.edits)) {
    const index = indexOf(self, key);
    if (index >= 0 && fingerprint(self.tableData[index]) === mark) overlay.set(index, fields);
  }
  return overlay;
}

// Of a row with edits: which of its fields they are.
const EDITED = Symbol("edited");

// A function that gives the row at an index, its edits included. (Reading a property of `self` is worth
// some hundred instructions: what is read for every row is read before.)
function rowReader(self) {
  const { tableData, overlay } = self;
  if (overlay.size === 0) return (index) => tableData[index];
  return (index) => {
    const fields = overlay.get(index);
    return fields === undefined ? tableData[index] : { ...tableData[index], ...fields, [EDITED]: fields };
  };
}

// A row as scripts see it: its fields, and those that columns compute.
function wholeRow(self, index, kit) {
  return wholeReader(self, kit)(index);
}

function wholeReader(self, kit) {
  const rowAt = rowReader(self);
  const computed = self.shownColumns.filter((column) => !kindOf(column).acts && column.computed);
  return (index) => {
    const row = rowAt(index);
    const whole = { ...row };
    for (const column of computed) whole[column.alias] = valueIn(column, row, index, kit);
    return whole;
  };
}

// The shape of a row, with nothing in it: what scripts see where there is none.
function blankRow(self) {
  const names = self.tableData.length > 0 ? Object.keys(self.tableData[0]) : [];
  const computed = self.shownColumns.filter((column) => !kindOf(column).acts).map(({ alias }) => alias);
  return Object.fromEntries([...names, ...(names.length > 0 ? computed : [])].map((name) => [name, ""]));
}

// ---- A row that something was done to: by its key, and as it was in case it is gone

const remembered = (self, key, index, kit) => ({ key, index, row: wholeRow(self, index, kit) });

function recalled(self, memory, kit) {
  if (memory === null) return blankRow(self);
  const index = indexOf(self, memory.key);
  return index < 0 ? memory.row : wholeRow(self, index, kit);
}

function recalledIndex(self, memory) {
  if (memory === null) return -1;
  const index = indexOf(self, memory.key);
  return index < 0 ? memory.index : index;
}
