// View: all that leaves the sandbox. The fields that are seen, in their places, and the controls by theirs.

const MOST_CONTROLS = 500;

function viewOf(self, kit) {
  const form = { self, kit, sourceData: self.sourceData, formData: self.values, fieldState: self.fieldState };
  const controls = {};
  let count = 0;
  const shown = (nodes) => nodes.filter((node) => self.judged.get(node).isVisible).flatMap((node) => {
    if (node.kind !== "object" && node.kind !== "array" && ++count > MOST_CONTROLS) return [];
    const one = { ...wordsOf(node, form), ...groupOf(node, shown, () => count > MOST_CONTROLS) };
    if (one.group === "") controls[node.detail] = controlOf(node, form);
    return [one];
  });
  const nodes = shown(self.tree);
  if (count > MOST_CONTROLS) kit.complain("fields", `a form shows ${MOST_CONTROLS} fields at most`);
  return { nodes, controls, lively: isLively(self.fields) };
}

// What of a page is full is left out: its data stay as they are.
function groupOf(node, shown, isFull) {
  if (node.kind === "object") return { group: "object", nodes: shown(node.children) };
  if (node.kind !== "array") return { group: "" };
  return { group: "array", rows: node.rows.flatMap(({ key, children }) => (isFull() ? [] : [{ key, nodes: shown(children) }])), grows: node.rows.length < MOST_ROWS };
}

// Of every field.
function wordsOf(node, form) {
  const { isDisabled, isRequired, problem } = form.self.judged.get(node);
  const label = said(node, "label", form);
  const tells = node.typed !== undefined || form.self.told.includes(node.detail);
  return {
    detail: node.detail,
    label: label === null || label === undefined ? null : textOf(label),
    alias: node.alias,
    tooltip: textOf(said(node, "tooltip", form)),
    off: isDisabled,
    required: isRequired,
    wrong: tells ? problem : "",
  };
}

// Of those with a control. A password never leaves.
function controlOf(node, form) {
  const { isDisabled, isRequired, options, problem } = form.self.judged.get(node);
  const secret = node.kind === "password";
  const offered = options.map(({ value }) => textOf(value));
  const held = secret ? "" : heldBy(node);
  const single = node.kind === "choice" || node.kind === "radios";
  const chosen = Array.isArray(held) ? held.filter((one) => offered.includes(one)) : single && !offered.includes(held) ? "" : held;
  return {
    kind: node.kind,
    off: isDisabled,
    required: isRequired && !(secret && !isNothing(node.base)),
    value: chosen,
    options,
    typed: secret && node.typed !== undefined,
    broken: problem !== "" && !isMissing(node, valueOf(node)),
    error: problem || textOf(said(node, "errorMessage", form)),
    placeholder: textOf(said(node, "placeholderText", form)),
    regex: secret || single ? "" : textOf(said(node, "regex", form)),
    most: textOf(said(node, "maxChars", form)),
    least: node.kind === "date" ? heldDate(said(node, "minDate", form), node) : textOf(said(node, "minNum", form)),
    greatest: node.kind === "date" ? heldDate(said(node, "maxDate", form), node) : textOf(said(node, "maxNum", form)),
    timed: node.kind === "date" && asksTime(node),
    currency: textOf(node.field.currencyCode),
    event: `${node.where}.onChange`,
  };
}

// Whether a field depends on others: then each change is worth a look.
const isLively = (fields) => Array.isArray(fields) && fields.some((field) => Object.values(field).some((one) => typeof one === "function") || isLively(field.fields));

// What the type in `__init__.py` calls.
return {
  sourceOf, markOf, treeOf, valuesOf, dataOf, judgedOf, stateAtRest, everyNode, isChanged,
  submit, reset, addRow, removeRow, changed, namesAt, viewOf,
};
