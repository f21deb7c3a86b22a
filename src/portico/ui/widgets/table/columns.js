// Columns: what the author declared, or what the data have.

// By type: how it is sorted and filtered, if it can be; whether it holds no data, but buttons; on which
// side it stands.
const KINDS = {
  text: { filter: "text" },
  number: { filter: "number", align: "right" },
  currency: { filter: "number", align: "right" },
  date: { filter: "date" },
  checkbox: { filter: "truth", align: "center" },
  switch: { filter: "truth", align: "center" },
  image: {},
  url: { filter: "text" },
  html: { filter: "text" },
  select: { filter: "text" },
  button: { acts: true },
  iconButton: { acts: true, align: "center" },
  menuButton: { acts: true },
  editActions: { acts: true },
};
// Rows that are looked at to learn what columns there are, and of which type.
const SAMPLE = 50;
// The column of the buttons that edit a row, where the author placed none.
const ACTIONS = "__actions";

const kindOf = (column) => KINDS[column.type];
const isTruth = (column) => kindOf(column).filter === "truth";

// Without any the data show what they have; but columns that fail show nothing, as they may have been
// there to hide a field.
function columnsOf(self) {
  const given = self.columns;
  if (!Array.isArray(given)) return [];
  const columns = given.length > 0 ? given.map((one) => declared(one, self)) : inferred(self.tableData, self);
  const changes = self.allowAddNewRow || columns.some(({ editable }) => editable);
  const placed = columns.some(({ type }) => type === "editActions");
  return changes && !placed ? [...columns, declared({ id: ACTIONS, label: "Actions", type: "editActions" }, self)] : columns;
}

function declared(given, self) {
  const type = Object.hasOwn(KINDS, given.type) ? given.type : "text";
  const kind = KINDS[type];
  return {
    ...given,
    type,
    label: given.label === null || given.label === undefined ? given.id : textOf(given.label),
    alias: textOf(given.alias) || given.id,
    computed: !isNothing(given.value),
    format: formatOf(type, given),
    visible: given.isVisible !== false,
    sortable: kind.filter !== undefined && Boolean(self.isSortable) && given.isSortable !== false,
    filterable: kind.filter !== undefined && given.isFilterable !== false,
    editable: !kind.acts && Boolean(given.isEditable),
    align: ["LEFT", "CENTER", "RIGHT"].includes(given.align) ? given.align.toLowerCase() : kind.align ?? "left",
  };
}

function inferred(rows, self) {
  const first = (rows ?? []).slice(0, SAMPLE);
  const names = new Set(first.flatMap((row) => Object.keys(row)));
  return [...names].filter((name) => !name.startsWith("__")).map((id) => {
    const sample = first.map((row) => row[id]).find((value) => !isNothing(value));
    return declared({ id, type: typeOf(sample) }, self);
  });
}

function typeOf(sample) {
  if (typeof sample === "number") return "number";
  if (typeof sample === "boolean") return "checkbox";
  return typeof sample === "string" && sample.length > 9 && ISO.test(sample) ? "date" : "text";
}

// ---- What the author computes for each row

// A field of a column in a row; one that fails is said once, and gives `failed`.
function field(column, name, row, index, kit, failed = undefined) {
  const given = column[name];
  if (typeof given !== "function") return given;
  try {
    return given(row, index);
  } catch (error) {
    kit.complain(`columns.${column.id}.${name}`, error);
    return failed;
  }
}

function valueIn(column, row, index, kit) {
  if (!column.computed || (row[EDITED] !== undefined && Object.hasOwn(row[EDITED], column.alias))) return row[column.alias];
  return field(column, "value", row, index, kit);
}

// The options of a select column as text and value, whichever way they are written.
function optionsIn(column, row, index, kit) {
  let given = field(column, "selectOptions", row, index, kit);
  if (typeof given === "string") {
    try {
      given = JSON.parse(given);
    } catch (error) {
      if (given !== "") kit.complain(`columns.${column.id}.selectOptions`, error);
    }
  }
  if (!Array.isArray(given)) return [];
  const options = given.map((one) => (one !== null && typeof one === "object" ? one : { label: one, value: one }));
  return options.filter(({ value }) => !isNothing(value) && typeof value !== "object")
    .map(({ label, value }) => ({ label: textOf(label) || textOf(value), value }));
}

// What stands in a cell as words: what is searched, filtered, sorted by and exported.
function wordsIn(column, value, row, index, kit) {
  switch (column.type) {
    case "select":
      return optionsIn(column, row, index, kit).find((option) => textOf(option.value) === textOf(value))?.label ?? textOf(value);
    case "url":
      return textOf(field(column, "displayText", row, index, kit)) || textOf(value);
    case "number":
    case "currency":
    case "date":
      return formatted(value, column.format);
  }
  return textOf(value);
}

// How its values are written: once for each column, as it is needed for every row.
function formatOf(type, { inputFormat, outputFormat, decimals, currencyCode, thousandSeparator }) {
  if (type === "date") return { of: "date", input: textOf(inputFormat), output: textOf(outputFormat) };
  const money = type === "currency";
  const currency = money ? textOf(currencyCode) || "USD" : "";
  const usual = money ? (WITHOUT_CENTS.includes(currency) ? 0 : 2) : undefined;
  return {
    of: "number",
    currency,
    decimals: isNothing(decimals) ? usual : Number(decimals),
    separate: isNothing(thousandSeparator) ? money : Boolean(thousandSeparator),
  };
}
