// Shape: which fields there are. The author declared them, or the data have them.

const EMAIL = /^[^\s@]{1,64}@[^\s@.]+(\.[^\s@.]+)+$/;
const NOT_IN_IDS = /[\s\x00-,\/:-@\[-^`{-\x7f]+/g;
const DEEPEST = 3; // levels of fields that are made of data
const MOST = 200; // fields that are made of one object

const asObject = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

// The data that the form is about. What is no object is said, and counts as an empty one.
function sourceOf(given, kit) {
  if (typeof given === "string") {
    if (given.trim() === "") return {};
    try {
      const found = JSON.parse(given);
      if (isObject(found)) return found;
    } catch {} // said below
  } else if (isObject(given) || isNothing(given)) return asObject(given);
  kit.complain("sourceData", "sourceData has to be an object, or JSON text of one");
  return {};
}

// What tells these data from others: whatever was typed belongs to the data that it was typed for.
function markOf(data) {
  let text;
  try {
    text = JSON.stringify(data) ?? "";
  } catch {
    text = Object.keys(data).join(); // what cannot be written as JSON, such as a cycle
  }
  let high = 0xdeadbeef, low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  return (high >>> 0).toString(36) + (low >>> 0).toString(36);
}

const kindOf = (type) => KINDS[type] ?? "text";
const declared = (given) => ({ ...given, kind: kindOf(given.fieldType), alias: textOf(given.alias) || textOf(given.id) });

// Fields that fail show nothing, as they may have been there to hide one.
function fieldsOf(self) {
  if (!Array.isArray(self.fields)) return [];
  return self.fields.length > 0 ? self.fields.map(declared) : inferred(self.sourceData, 1);
}

// What stands in an Object, or in each item of an Array.
function innerOf(field, sample, depth) {
  const given = Array.isArray(field.fields) ? field.fields : [];
  return given.length > 0 ? given.map(declared) : inferred(sample, depth);
}

function inferred(data, depth) {
  if (depth > DEEPEST) return [];
  const taken = new Set();
  const found = [];
  for (const [alias, value] of Object.entries(data)) {
    const type = alias.startsWith("__") ? null : typeOf(value);
    if (type === null || found.length === MOST) continue;
    const options = type === "Multiselect" ? value : [];
    found.push(declared({ id: idOf(alias, taken), alias, fieldType: type, options, currencyCode: "USD" }));
  }
  return found;
}

// Null for what no field is made of, such as lists of lists.
function typeOf(value) {
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isObject)) return "Array";
    return value.every((one) => one === null || typeof one !== "object") ? "Multiselect" : null;
  }
  switch (typeof value) {
    case "number":
      return "Number Input";
    case "boolean":
      return "Switch";
    case "object":
      return value === null ? "Text Input" : "Object";
    case "string":
      return typeOfText(value);
  }
  return value === undefined ? "Text Input" : null;
}

function typeOfText(text) {
  if (EMAIL.test(text)) return "Email Input";
  if (text.length > 9 && ISO.test(text)) return "Datepicker";
  return text.includes("\n") ? "Multiline Text Input" : "Text Input";
}

// The key as ids may be written; the same one never twice.
function idOf(alias, taken) {
  const word = alias.replace(NOT_IN_IDS, "_").slice(0, 90) || "field";
  let id = word;
  for (let number = 2; taken.has(id); number++) id = `${word}_${number}`;
  taken.add(id);
  return id;
}
