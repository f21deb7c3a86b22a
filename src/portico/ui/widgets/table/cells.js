// Cells: what leaves the sandbox of a row: the words of each cell, or what its control needs.

// Each cell as the page shows it; null where there is nothing to see.
function cellsOf(self, index, key, kit) {
  const row = rowReader(self)(index);
  const draft = isDraft(self, key) ? draftIn(self, key, kit) : null;
  return self.seen.map((column) => {
    if (field(column, "isCellVisible", row, index, kit) === false) return null;
    if (draft !== null && mayEdit(column, key, row, index, kit)) return { control: controlOf(column, draft, key, kit) };
    return painted(column, cellOf(column, row, index, key, kit), row, index, kit);
  });
}

function cellOf(column, row, index, key, kit) {
  const value = kindOf(column).acts ? undefined : valueIn(column, row, index, kit);
  const set = (name) => field(column, name, row, index, kit);
  switch (column.type) {
    case "checkbox":
    case "switch":
      return { on: isTrue(value), set: mayEdit(column, key, row, index, kit) };
    case "image":
    case "html":
      return textOf(value);
    case "url":
      return { address: textOf(value), words: textOf(set("displayText")) || textOf(value) };
    case "button":
    case "iconButton":
      return buttonOf(column.type === "button" ? { words: textOf(set("buttonLabel")) } : { words: textOf(set("tooltip")), icon: textOf(set("iconName")) }, set);
    case "menuButton":
      return { ...buttonOf({ words: textOf(set("buttonLabel")) }, set), items: itemsOf(column, row, index, kit) };
    case "editActions":
      return null;
  }
  return wordsIn(column, value, row, index, kit);
}

const buttonOf = (words, set) => ({ ...words, off: Boolean(set("isDisabled")), variant: textOf(set("buttonVariant")), color: textOf(set("buttonColor")) });

// The items of a menu. What fails to say whether it is there, or may be used, is not.
function itemsOf(column, row, index, kit) {
  const items = Array.isArray(column.menuItems) ? column.menuItems : [];
  return items.map((item) => {
    const own = { ...item, id: `${column.id}.menuItems.${item.id}` };
    const said = (name) => textOf(field(own, name, row, index, kit));
    if (!field(own, "isVisible", row, index, kit, false)) return null;
    const colors = { iconColor: said("iconColor"), color: said("textColor"), ground: said("backgroundColor") };
    return { key: textOf(item.id), label: said("label"), icon: said("iconName"), side: said("iconAlign"), ...colors, off: Boolean(field(own, "isDisabled", row, index, kit, true)) };
  }).filter((one) => one !== null);
}

function painted(column, cell, row, index, kit) {
  const color = textOf(field(column, "textColor", row, index, kit));
  const ground = textOf(field(column, "cellBackground", row, index, kit));
  return color || ground ? { cell, color, ground } : cell;
}

// ---- Controls

function controlOf(column, draft, key, kit) {
  const kind = CONTROLS[column.type];
  const base = valueBefore(column, draft, kit);
  const typed = Object.hasOwn(draft.typed, column.id) ? draft.typed[column.id] : heldBy(column, base);
  return {
    kind: kind === "date" && asksTime(column, base) ? "moment" : kind,
    value: kind === "truth" ? typed === true || typed === "true" : textOf(typed),
    options: kind === "choice" ? optionsIn(column, draft.row, draft.index, kit).map(({ label, value: own }) => [textOf(own), label]) : [],
    required: Boolean(field(column, "isRequired", draft.row, draft.index, kit)),
    wrong: draft.told ? wrongWith(column, draft, kit) : "",
    submits: kind !== "choice" && kind !== "truth",
    lively: key !== NEW && kind === "choice",
  };
}

// The cells of the row that is being added.
function newCells(self, kit) {
  const draft = draftIn(self, NEW, kit);
  return self.seen.map((column) => (column.editable ? { control: controlOf(column, draft, NEW, kit) } : null));
}
