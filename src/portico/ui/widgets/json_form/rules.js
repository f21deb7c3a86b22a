// Rules: what may be seen and used of a field, and what is wrong with its value.

// What holds for each field. It may depend on other fields, `formData`, and on what holds for those,
// `fieldState`; what depends on itself finds nothing.
function judgedOf(self, kit) {
  const form = { self, kit, sourceData: self.sourceData, formData: self.values, fieldState: {} };
  const around = new Map(); // node → what it stands in
  const note = (nodes, outer) => {
    for (const node of nodes) {
      around.set(node, outer);
      note(node.children ?? (node.rows ?? []).flatMap(({ children }) => children), node);
    }
  };
  note(self.tree, null);
  const known = new Map([...around.keys()].map((node) => [node, {}]));
  const ask = (node, name) => {
    const found = known.get(node);
    if (!Object.hasOwn(found, name)) {
      found[name] = undefined;
      found[name] = RULES[name](node, form, ask, around.get(node));
    }
    return found[name];
  };
  form.fieldState = stateOf(self.tree, ask);
  for (const node of known.keys()) for (const name of Object.keys(RULES)) ask(node, name);
  return known;
}

const RULES = {
  // What fails here may have been there to hide it, or to lock it.
  isVisible: (node, form, ask, outer) => (outer === null || Boolean(ask(outer, "isVisible"))) && isSo(node, "isVisible", form),
  isDisabled: (node, form, ask, outer) => (outer !== null && Boolean(ask(outer, "isDisabled"))) || Boolean(said(node, "isDisabled", form, true)),
  isRequired: (node, form) => Boolean(said(node, "isRequired", form)),
  options: (node, form) => (OFFERING.includes(node.kind) ? optionsOf(node, form) : []),
  problem: (node, form, ask) => (ask(node, "isVisible") ? problemOf(node, form, ask) : ""),
  isValid: (node, form, ask) => ask(node, "problem") === "",
};
// What is so unless the author says otherwise.
const isSo = (node, name, form) => Boolean(node.field[name] === undefined || said(node, name, form, false));
const OFFERING = ["choice", "radios", "several"];

// What scripts see of each field: plain fields by what holds for them, in the places where their values are.
function stateOf(nodes, ask) {
  const state = {};
  for (const node of nodes) Object.defineProperty(state, node.alias, { enumerable: true, configurable: true, get: () => stateIn(node, ask) });
  return state;
}

function stateIn(node, ask) {
  if (node.kind === "object") return stateOf(node.children, ask);
  if (node.kind === "array") return node.rows.map(({ children }) => stateOf(children, ask));
  const state = {};
  for (const name of ["isDisabled", "isRequired", "isVisible", "isValid"]) Object.defineProperty(state, name, { enumerable: true, get: () => ask(node, name) });
  return state;
}

// The same, at rest.
function stateAtRest(nodes, judged) {
  return Object.fromEntries(nodes.map((node) => [node.alias, restOf(node, judged)]));
}

function restOf(node, judged) {
  if (node.kind === "object") return stateAtRest(node.children, judged);
  if (node.kind === "array") return node.rows.map(({ children }) => stateAtRest(children, judged));
  const { isDisabled, isRequired, isVisible, isValid } = judged.get(node);
  return { isDisabled, isRequired, isVisible, isValid };
}

// Options as text and value, whichever way they are written.
function optionsOf(node, form) {
  let given = said(node, "options", form);
  if (typeof given === "string") {
    try {
      given = JSON.parse(given);
    } catch (error) {
      if (given.trim() !== "") form.kit.complain(`${node.where}.options`, error);
    }
  }
  const found = new Map();
  for (const one of Array.isArray(given) ? given : []) {
    const { label, value } = isObject(one) ? one : { label: one, value: one };
    const fits = !isNothing(value) && (Number.isFinite(value) || ["string", "boolean"].includes(typeof value));
    if (fits && !found.has(textOf(value))) found.set(textOf(value), { label: textOf(label) || textOf(value), value });
  }
  return [...found.values()];
}

// ---- What is wrong with a value, in words; empty if nothing is

const isMissing = (node, value) => (typeof EMPTY[node.kind] === "boolean" ? !isTrue(value) : Array.isArray(value) ? value.length === 0 : isNothing(value));
const MISSING = { check: "Please check this box.", switch: "Please switch this on.", choice: "Please choose one.", radios: "Please choose one.", several: "Please choose at least one.", date: "Please pick a date.", array: "Please add one." };

function problemOf(node, form, ask) {
  if (node.kind === "object") return "";
  const value = valueOf(node);
  const say = (words) => textOf(said(node, "errorMessage", form)) || words;
  const amount = node.kind === "number" || node.kind === "money";
  if (amount && value === null && textOf(node.typed).trim() !== "") return say("Please enter a number.");
  if (isMissing(node, value)) return ask(node, "isRequired") ? MISSING[node.kind] ?? "Please fill in this field." : "";
  if (node.kind === "array") return "";
  const words = amount ? wrongNumber(node, value, form) : node.kind === "date" ? wrongDate(node, form) : wrongText(node, value, form);
  if (words !== "") return say(words);
  return matches(node, value, form) && isSo(node, "validation", form) ? "" : say("Please check this value.");
}

function wrongNumber(node, value, form) {
  const number = numberOf(value);
  if (!Number.isFinite(number)) return "Please enter a number.";
  const bound = (name) => (isNothing(said(node, name, form)) ? NaN : numberOf(said(node, name, form)));
  if (number < bound("minNum")) return `Please enter ${bound("minNum")} or more.`;
  return number > bound("maxNum") ? `Please enter ${bound("maxNum")} or less.` : "";
}

function wrongDate(node, form) {
  const held = heldBy(node);
  if (held === "") return "Please enter a date.";
  const bound = (name) => heldDate(said(node, name, form), node);
  const least = bound("minDate"), most = bound("maxDate");
  if (least !== "" && held < least) return `Please pick ${least.replace("T", " ")} or later.`;
  return most !== "" && held > most ? `Please pick ${most.replace("T", " ")} or earlier.` : "";
}

function wrongText(node, value, form) {
  if (node.kind === "email" && !EMAIL_TYPED.test(textOf(value))) return "Please enter an e-mail address.";
  const most = numberOf(said(node, "maxChars", form) ?? NaN);
  return ["text", "lines", "email", "password", "phone"].includes(node.kind) && textOf(value).length > most ? `Please enter at most ${most} characters.` : "";
}

const EMAIL_TYPED = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)*$/;

// A pattern that is none is matched by nothing.
function matches(node, value, form) {
  const regex = said(node, "regex", form);
  if (isNothing(regex) || Array.isArray(value)) return true;
  const slashed = /^\/([^]+)\/([a-z]*)$/.exec(textOf(regex));
  try {
    return new RegExp(slashed?.[1] ?? textOf(regex), slashed?.[2]).test(textOf(value));
  } catch (error) {
    form.kit.complain(`${node.where}.regex`, error);
    return false;
  }
}
