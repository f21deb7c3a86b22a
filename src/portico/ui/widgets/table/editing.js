// Editing: a row is taken into controls (`drafts`), from there into what the table shows (`edits`), and
// by the author's action to wherever the data come from.

const NEW = "new"; // the key of the row that is being added

const CONTROLS = { text: "text", url: "text", image: "text", html: "lines", number: "number", currency: "number", date: "date", checkbox: "truth", switch: "truth", select: "choice" };

const isDraft = (self, key) => Object.hasOwn(self.drafts, key);

// ---- The row as its controls have it

// A row in controls: `base` is what they began with (of a new row what the author starts it with),
// `fields` what they say now, as far as they were touched, and `row` both together.
function draftIn(self, key, kit) {
  const index = key === NEW ? -1 : indexOf(self, key);
  const base = key === NEW ? asObject(self.defaultNewRow) : rowReader(self)(index);
  const { typed, told } = self.drafts[key];
  const columns = self.shownColumns.filter(({ id, editable }) => editable && Object.hasOwn(typed, id));
  const fields = Object.fromEntries(columns.map((column) => [column.alias, meant(column, typed[column.id], base, index, kit)]));
  return { key, index, base, typed, told, fields, row: { ...base, ...fields } };
}

const asObject = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});

const valueBefore = (column, { key, base, index }, kit) => (key === NEW ? base[column.alias] : valueIn(column, base, index, kit));

// What a posted text means in a column.
function meant(column, typed, row, index, kit) {
  switch (CONTROLS[column.type]) {
    case "number":
      return String(typed).trim() === "" ? null : Number.isNaN(Number(typed)) ? typed : Number(typed);
    case "truth":
      return typed === true || typed === "true";
    case "choice":
      return optionsIn(column, row, index, kit).find(({ value }) => textOf(value) === typed)?.value ?? "";
    case "date":
      return typed === "" ? null : meantDate(typed, column.format.input, row[column.alias]);
  }
  return typed;
}

// What a control holds of a value.
function heldBy(column, value) {
  if (CONTROLS[column.type] === "truth") return isTrue(value);
  if (CONTROLS[column.type] !== "date" || isNothing(value)) return textOf(value);
  const time = timeOf(value, column.format.input);
  return Number.isNaN(time) ? "" : dateText(time, asksTime(column, value) ? "YYYY-MM-DD[T]HH:mm" : "YYYY-MM-DD");
}

// Whether a date is asked for with its time of day.
function asksTime(column, value) {
  const { input, output } = column.format;
  if (output) return hasTime("", output);
  return isNothing(value) ? input !== "" && hasTime("", input) : hasTime(value, input);
}

// ---- What is wrong with it

const mayEdit = (column, key, row, index, kit) => column.editable && (key === NEW || field(column, "isCellEditable", row, index, kit) !== false);

function isSound(self, draft, kit) {
  const { key, base, index } = draft;
  const asked = self.seen.filter((column) => mayEdit(column, key, base, index, kit));
  return asked.every((column) => wrongWith(column, draft, kit) === "");
}

// In words; empty if nothing is.
function wrongWith(column, draft, kit) {
  const value = Object.hasOwn(draft.fields, column.alias) ? draft.fields[column.alias] : valueBefore(column, draft, kit);
  const rule = (name) => field(column, name, draft.row, draft.index, kit);
  const say = (words) => textOf(rule("errorMessage")) || words;
  if (isNothing(value)) return rule("isRequired") ? say("Please fill in this field.") : "";
  const kind = CONTROLS[column.type];
  if (kind === "number" && !Number.isFinite(numberOf(value))) return say("Please enter a number.");
  if (kind === "number" && value < numberOf(rule("min"))) return say(`Please enter ${rule("min")} or more.`);
  if (kind === "number" && value > numberOf(rule("max"))) return say(`Please enter ${rule("max")} or less.`);
  if (kind === "date" && Number.isNaN(timeOf(value, column.format.input))) return say("Please enter a date.");
  const fits = matches(column, rule("regex"), value, kit);
  return fits && rule("validation") !== false ? "" : say("Please check this value.");
}

// A pattern that is none is matched by nothing.
function matches(column, regex, value, kit) {
  if (isNothing(regex)) return true;
  const slashed = /^\/([^]+)\/([a-z]*)$/.exec(textOf(regex));
  try {
    return new RegExp(slashed?.[1] ?? textOf(regex), slashed?.[2]).test(textOf(value));
  } catch (error) {
    kit.complain(`columns.${column.id}.regex`, error);
    return false;
  }
}

// ---- Commands

const without = (map, key) => Object.fromEntries(Object.entries(map).filter(([other]) => other !== key));
const GONE = "This row has changed in the meantime. Please look at it again.";

// The index of a row that is on the page; refuses one that is not, or that is another by now.
function rowOnPage(self, key, kit) {
  const index = indexOf(self, key);
  if (!self.shown.includes(index)) throw kit.refusal(GONE);
  return index;
}

function allowed(allows, kit) {
  if (!allows) throw kit.refusal("This cannot be done here.");
}

function edit(self, key, kit) {
  const index = rowOnPage(self, key, kit);
  allowed(hasControls(self, key, index, kit), kit);
  if (!isDraft(self, key)) self.drafts = { ...self.drafts, [key]: { typed: {}, told: false } };
}

// Whether there is anything to type in a row. What is only switched needs no controls.
function hasControls(self, key, index, kit) {
  const row = rowReader(self)(index);
  return self.seen.some((column) => column.editable && !isTruth(column) && mayEdit(column, key, row, index, kit));
}

function addRow(self, kit) {
  allowed(self.allowAddNewRow, kit);
  if (!isDraft(self, NEW)) self.drafts = { ...self.drafts, [NEW]: { typed: {}, told: false } };
}

// From the controls to what the table shows; then the author's action, after which the row is done with.
// If that fails the row stays as it was typed.
async function save(self, key, kit) {
  if (key === NEW) return saveNew(self, kit);
  rowOnPage(self, key, kit);
  allowed(isDraft(self, key) || Object.hasOwn(self.edits, key), kit);
  if (isDraft(self, key)) {
    if (!accepted(self, key, kit)) return;
    take(self, key, draftIn(self, key, kit).fields, kit);
  }
  if (self.inlineEditingSaveOption === "CUSTOM") {
    self.drafts = without(self.drafts, key);
    return;
  }
  await performBoth(self, "onSave", key, kit);
  self.drafts = without(self.drafts, key);
  self.edits = without(self.edits, key);
}

async function saveNew(self, kit) {
  allowed(isDraft(self, NEW), kit);
  if (!accepted(self, NEW, kit)) return;
  await kit.perform(self, "onAddNewRowSave");
  self.drafts = without(self.drafts, NEW);
}

async function discard(self, key, kit) {
  if (key === NEW) {
    self.drafts = without(self.drafts, NEW);
    await kit.perform(self, "onAddNewRowDiscard");
    return;
  }
  rowOnPage(self, key, kit);
  self.drafts = without(self.drafts, key);
  self.edits = without(self.edits, key);
  await performBoth(self, "onDiscard", key, kit);
}

// What the column of the buttons does, then what the table does.
async function performBoth(self, event, key, kit) {
  const column = self.shownColumns.find(({ type }) => type === "editActions");
  await kit.perform(self, `columns.${column?.id}.${event}`, key);
  await kit.perform(self, event);
}

// Whether a draft can be taken; from now on the row says what is wrong with it.
function accepted(self, key, kit) {
  if (isSound(self, draftIn(self, key, kit), kit)) return true;
  self.drafts = { ...self.drafts, [key]: { ...self.drafts[key], told: true } };
  return false;
}

// Fields that differ from the data are edits; they stand in the table, and in `updatedRows`.
function take(self, key, fields, kit) {
  const index = indexOf(self, key);
  const row = self.tableData[index];
  const all = { ...self.edits[key]?.fields, ...fields };
  const changed = Object.fromEntries(Object.entries(all).filter(([name, value]) => textOf(value) !== textOf(row[name])));
  const others = without(self.edits, key);
  self.edits = Object.keys(changed).length === 0 ? others : { ...others, [key]: { mark: fingerprint(row), fields: changed } };
  self.updated = remembered(self, key, index, kit);
}

// A cell that is switched where it stands.
async function check(self, detail, kit) {
  const [key, column] = cellAt(self, detail, kit);
  const index = rowOnPage(self, key, kit);
  const row = rowReader(self)(index);
  allowed(isTruth(column) && column.visible && mayEdit(column, key, row, index, kit), kit);
  take(self, key, { [column.alias]: !isTrue(valueIn(column, row, index, kit)) }, kit);
  await kit.perform(self, `columns.${column.id}.onCheckChange`, key);
}

// A control of a row changed: a choice may mean something at once.
async function cellChanged(self, detail, kit) {
  const [key, column] = cellAt(self, detail, kit);
  if (key !== NEW && column.type === "select") await kit.perform(self, `columns.${column.id}.onOptionChange`, key);
}

// Enter in a control: the column's own action, with the row as it is typed; else the row is saved.
async function submitCell(self, detail, kit) {
  const [key, column] = cellAt(self, detail, kit);
  const event = `columns.${column.id}.onSubmit`;
  if (key === NEW || !kit.acts(self, event)) return save(self, key, kit);
  rowOnPage(self, key, kit);
  if (!isDraft(self, key) || !accepted(self, key, kit)) return;
  take(self, key, draftIn(self, key, kit).fields, kit);
  await kit.perform(self, event, key);
  self.drafts = without(self.drafts, key);
}

function cellAt(self, detail, kit) {
  const [key, ...id] = textOf(detail).split(":");
  const column = self.shownColumns.find((one) => one.id === id.join(":"));
  if (column === undefined) throw kit.refusal("This cannot be done here.");
  return [key, column];
}

// ---- What scripts read of it

function updatedRowsOf(self, kit) {
  const reader = wholeReader(self, kit);
  const name = textOf(self.primaryKey);
  return [...self.overlay].map(([index, fields]) => {
    const all = reader(index);
    return { index, ...(name === "" ? {} : { [name]: all[name] }), updatedFields: { ...fields }, allFields: all };
  });
}

function newRowOf(self, kit) {
  return isDraft(self, NEW) ? { ...blankNew(self), ...draftIn(self, NEW, kit).row } : {};
}

const blankNew = (self) => Object.fromEntries(self.shownColumns.filter(({ editable }) => editable).map((column) => [column.alias, isTruth(column) ? false : ""]));

// The row and its place, for code of the author that is called with them.
function rowAt(self, key, kit) {
  const index = rowOnPage(self, key, kit);
  self.triggered = remembered(self, key, index, kit);
  const row = wholeRow(self, index, kit);
  return [isDraft(self, key) ? { ...row, ...draftIn(self, key, kit).fields } : row, index];
}
