// Acts: what the form's own buttons do, and what hangs on a field.

const GONE = "This form has changed in the meantime. Please look at it again.";
const MOST_ROWS = 100; // of an Array

// The field at a place, if the user can use it now.
function usable(self, detail) {
  const node = everyNode(self.tree).find((one) => one.detail === detail);
  const found = node && self.judged.get(node);
  return found?.isVisible && !found.isDisabled ? node : undefined;
}

async function submit(self, kit) {
  const wrong = everyNode(self.tree).filter((node) => !self.judged.get(node).isValid);
  self.told = wrong.map(({ detail }) => detail);
  if (wrong.length > 0 && self.disabledWhenInvalid) return;
  await kit.perform(self, "onSubmit");
}

function reset(self) {
  self.typed = {};
  self.passwords = {};
  self.told = [];
}

function addRow(self, detail, kit) {
  const node = usable(self, detail);
  if (node?.kind !== "array") throw kit.refusal(GONE);
  if (node.rows.length >= MOST_ROWS) throw kit.refusal(`There can be ${MOST_ROWS} at most.`);
  // No key is given twice: what was typed into a row that is gone must not stand in a new one.
  self.grown += 1;
  self.typed = { ...current(self), [detail]: [...node.rows.map(({ key }) => key), `n${self.grown}`] };
}

// `place`: the Array, and the key of the row.
function removeRow(self, place, kit) {
  const end = textOf(place).lastIndexOf("/");
  const [detail, key] = [textOf(place).slice(0, end), textOf(place).slice(end + 1)];
  const node = usable(self, detail);
  const keys = node?.kind === "array" ? node.rows.map((row) => row.key) : [];
  if (!keys.includes(key)) throw kit.refusal(GONE);
  self.typed = { ...current(self), [detail]: keys.filter((one) => one !== key) };
}

// What was typed for the data that the form has now.
const current = ({ typed, mark }) => Object.fromEntries(Object.entries(typed).filter(([detail]) => detail.startsWith(mark + "/")));

// The user changed a field: what the author wants done then.
async function changed(self, detail, kit) {
  const event = `${usable(self, detail)?.where}.onChange`;
  if (kit.acts(self, event)) await kit.perform(self, event, detail);
}

// What the code of a field is called with.
function namesAt(self, detail) {
  const node = everyNode(self.tree).find((one) => one.detail === detail);
  if (node === undefined) throw new Error("there is no such field in the form");
  return [self.sourceData, self.formData, self.fieldState, node.item, node.index];
}

const isChanged = (self) => everyNode(self.tree).some((node) => (node.rows ? Object.hasOwn(self.typed, node.detail) : isTouched(node)));

function isTouched(node) {
  if (node.typed === undefined || node.kind === "password") return node.typed !== undefined;
  return textOf(heldBy(node)) !== textOf(heldBy({ ...node, typed: undefined }));
}
