// Tree: the fields with their places and values. A place is the ids on the way to it, and the keys of rows.

// The tree of a form. A `defaultValue` may read other fields; one that depends on itself finds nothing.
function treeOf(self, kit) {
  const form = { self, kit, sourceData: self.sourceData, formData: {}, fieldState: {} };
  const made = new Map();
  const nodeFor = (field) => {
    if (!made.has(field)) {
      made.set(field, null);
      made.set(field, nodeOf(form, field, { path: "", where: "fields", data: form.sourceData, depth: 1 }));
    }
    return made.get(field);
  };
  const fields = fieldsOf(self);
  for (const field of fields) {
    Object.defineProperty(form.formData, field.alias, {
      enumerable: true,
      configurable: true,
      get: () => (nodeFor(field) === null ? undefined : valueOf(nodeFor(field))),
    });
  }
  return fields.map(nodeFor);
}

// `around`: the path and the name of what it stands in, the data of that, and the row that it is in.
function nodeOf(form, field, { path, where, data, depth, item, index }) {
  const node = { field, kind: field.kind, alias: field.alias, item, index, where: `${where}.${field.id}` };
  node.detail = `${form.self.mark}/${path}${field.id}`;
  const given = field.defaultValue;
  node.base = given === null || given === undefined ? ownOf(data, field.alias) : plain(said(node, "defaultValue", form));
  const inside = { path: `${path}${field.id}/`, where: `${node.where}.fields`, depth: depth + 1 };
  if (node.kind === "object") {
    const own = asObject(node.base);
    node.children = innerOf(field, own, depth + 1).map((inner) => nodeOf(form, inner, { ...inside, data: own, item, index }));
  } else if (node.kind === "array") {
    growRows(form, node, inside);
  } else if (node.kind === "password") {
    node.typed = form.self.passwords[node.detail];
  } else {
    const typed = form.self.typed[node.detail];
    if (Array.isArray(typed) === (node.kind === "several")) node.typed = typed; // not of a kind that it was before
  }
  return node;
}

const ownOf = (data, key) => (Object.hasOwn(data, key) ? plain(data[key]) : undefined);

// A value as it can be kept: dates, and those of libraries, as they are written.
function plain(value) {
  return value !== null && typeof value === "object" && typeof value.toISOString === "function" ? written(value) : value;
}

function written(date) {
  try {
    return date.toISOString();
  } catch {
    return ""; // no date that there is
  }
}

// The rows of an Array: those of its data by their places, less those that were removed, and new ones.
function growRows(form, node, inside) {
  const list = Array.isArray(node.base) ? node.base : [];
  const items = list.filter(isObject);
  if (items.length < list.length) form.kit.complain(node.where, "the items of an Array have to be objects");
  node.fields = innerOf(node.field, Object.assign({}, ...items), inside.depth);
  node.rows = keysOf(form.self, node.detail, items).map((key, index) => {
    const item = items[key] ?? {};
    const here = { ...inside, path: `${inside.path}${key}/`, data: item, item, index };
    return { key, children: node.fields.map((inner) => nodeOf(form, inner, here)) };
  });
}

const keysOf = (self, detail, items) => (Array.isArray(self.typed[detail]) ? self.typed[detail] : items.map((_, index) => String(index)));

// What the author said of a field, computed where that is code; what fails is told once, and gives `failed`.
function said(node, name, form, failed = undefined) {
  const given = node.field[name];
  if (typeof given !== "function") return given;
  try {
    return given(form.sourceData, form.formData, form.fieldState, node.item, node.index);
  } catch (error) {
    form.kit.complain(`${node.where}.${name}`, error);
    return failed;
  }
}

// All fields of a tree, with those inside others.
function everyNode(nodes) {
  return nodes.flatMap((node) => [node, ...everyNode(node.children ?? (node.rows ?? []).flatMap(({ children }) => children))]);
}

// ---- Values

const EMPTY = { check: false, switch: false, number: null, money: null, date: null };

// What a field holds: what was typed, or what it came with, just as that was. Of fields that are not `seen`,
// what they came with.
function valueOf(node, seen = () => true) {
  if (node.kind === "object") return valuesOf(node.children, seen);
  if (node.kind === "array") return node.rows.map(({ children }) => valuesOf(children, seen));
  return node.typed === undefined || !seen(node) ? baseOf(node) : meant(node);
}

const valuesOf = (nodes, seen) => Object.fromEntries(nodes.map((node) => [node.alias, valueOf(node, seen)]));

// What the form is about now: of fields that are not seen what they came with, or nothing.
function dataOf(self) {
  const seen = (node) => self.judged.get(node).isVisible;
  const values = valuesOf(self.tree, seen);
  return self.useSourceData ? values : withoutUnseen(self.tree, values, seen);
}

function withoutUnseen(nodes, values, seen) {
  return Object.fromEntries(nodes.filter(seen).map((node) => {
    const value = values[node.alias];
    if (node.kind === "object") return [node.alias, withoutUnseen(node.children, value, seen)];
    if (node.kind === "array") return [node.alias, node.rows.map(({ children }, at) => withoutUnseen(children, value[at], seen))];
    return [node.alias, value];
  }));
}

function baseOf(node) {
  const { kind, base } = node;
  if (kind === "several") return listed(base);
  if ((kind === "choice" || kind === "radios") && isObject(base)) return base.value ?? "";
  if (base === undefined || (base === null && typeof EMPTY[kind] === "boolean")) return EMPTY[kind] ?? (kind in EMPTY ? null : "");
  return base;
}

// Values of a list: of values or options, as JSON text too, or text with commas.
function listed(base) {
  let list = base;
  if (typeof base === "string") {
    try {
      list = JSON.parse(base);
    } catch {
      list = base.split(",").map((part) => part.trim()).filter((part) => part !== "");
    }
  }
  const values = (Array.isArray(list) ? list : isNothing(list) ? [] : [list]).map((one) => (isObject(one) ? one.value : one));
  return values.filter((one) => !isNothing(one) && typeof one !== "object");
}

// What a posted value means. Choices are posted as what they stand for (`posted.py`).
function meant(node) {
  const { kind, typed, base, field } = node;
  if (kind === "number" || kind === "money") return amountOf(typed);
  if (kind === "date") return typed === "" ? null : meantDate(typed, textOf(field.dateFormat), base);
  return typed;
}

function amountOf(typed) {
  const text = textOf(typed).replace(/,/g, "").trim();
  return text === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}

// What its control holds, just as browsers post it where nobody touched it: that is no change.
function heldBy(node) {
  const { kind, typed, base } = node;
  switch (kind) {
    case "several":
      return valueOf(node).map(textOf);
    case "check":
    case "switch":
      return isTrue(valueOf(node));
    case "number":
      return NUMBER.test(textOf(typed ?? base)) ? textOf(typed ?? base) : "";
    case "date":
      return typed ?? heldDate(base, node);
    case "lines":
      return textOf(valueOf(node)).replace(/\r\n?/g, "\n");
  }
  const text = textOf(kind === "money" ? typed ?? base : valueOf(node)).replace(/[\r\n]/g, "");
  return kind === "email" ? text.trim() : text;
}

const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

function heldDate(value, node) {
  const time = isNothing(value) ? NaN : timeOf(value, textOf(node.field.dateFormat));
  return Number.isNaN(time) ? "" : dateText(time, asksTime(node) ? "YYYY-MM-DD[T]HH:mm" : "YYYY-MM-DD");
}

// Whether a date is asked for with its time of day.
function asksTime({ field, base }) {
  const format = textOf(field.dateFormat);
  return format !== "" ? hasTime("", format) : !isNothing(base) && hasTime(base, "");
}
