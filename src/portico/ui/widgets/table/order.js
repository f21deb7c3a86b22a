// Order: which rows are there, and in which order: sorted, then filtered (`filters.js`), then searched. Each is a step
// of its own, so that a further letter of a search does not sort 50,000 rows again.

const shownColumn = (self, id) => self.shownColumns.find((column) => column.id === id && column.visible);

// ---- Sorting

function sortOrderOf(self) {
  const { column, order } = self.chosenSort;
  const found = shownColumn(self, column);
  return found?.sortable ? { column, order } : { column: "", order: null };
}

// The index of every row, in the order of the chosen column. Where the server sorts the pages it
// makes, they are left as they are.
function sortedOf(self, kit) {
  const rows = self.tableData;
  const { column, order } = self.sortOrder;
  const served = Boolean(self.serverSidePaginationEnabled) && kit.acts(self, "onSort");
  if (column === "" || served) return rows.map((_, index) => index);
  return arranged(sortKeys(self, shownColumn(self, column), kit), order === "desc");
}

// Numbers, or texts in lower case; null for what is empty.
function sortKeys(self, column, kit) {
  const { filter } = kindOf(column);
  const numeric = filter === "date" ? (value) => timeOf(value, column.format.input) : filter === "number" ? numberOf : null;
  const rowAt = rowReader(self);
  return self.tableData.map((_, index) => {
    const row = rowAt(index);
    const value = valueIn(column, row, index, kit);
    if (isNothing(value)) return null;
    if (numeric === null) return wordsIn(column, value, row, index, kit).toLowerCase();
    const number = numeric(value);
    return Number.isNaN(number) ? null : number;
  });
}

// The engine sorts plain values ten times as fast as it calls a function to compare two of them: so the
// keys are sorted, and rows are put where their key begins. Equal keys keep their order, empty ones are last.
function arranged(keys, descending) {
  const filled = keys.filter((key) => key !== null);
  const sorted = typeof filled[0] === "number" ? Float64Array.from(filled).sort() : filled.sort();
  if (descending) sorted.reverse();
  const next = new Map();
  for (let at = 0; at < sorted.length; at++) if (!next.has(sorted[at])) next.set(sorted[at], at);
  const order = new Array(keys.length);
  let empty = sorted.length;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index];
    if (key === null) order[empty++] = index;
    else {
      const at = next.get(key);
      order[at] = index;
      next.set(key, at + 1);
    }
  }
  return order;
}

// ---- Searching

function searchOf(self, kit) {
  const here = !kit.acts(self, "onSearchTextChanged") || Boolean(self.enableClientSideSearch);
  return here ? self.searchText.toLowerCase() : "";
}

// What can be found in each row: the values of its visible columns, and the words they are shown as.
// Nobody who looks for an "a" means the boxes that are not ticked, as "false" has one.
function textsOf(self, kit) {
  const columns = self.seen.filter((column) => ["text", "number", "date"].includes(kindOf(column).filter));
  const plain = columns.every((column) => !column.computed && !["select", "url"].includes(column.type));
  const aliases = columns.map(({ alias }) => alias);
  const rowAt = rowReader(self);
  return self.tableData.map((_, index) => {
    const row = rowAt(index);
    let text = "";
    if (plain) for (const alias of aliases) text += textOf(row[alias]) + "\n";
    else for (const column of columns) text += searchable(column, row, index, kit) + "\n";
    return text.toLowerCase();
  });
}

function searchable(column, row, index, kit) {
  const value = valueIn(column, row, index, kit);
  const text = textOf(value);
  if (column.type !== "select" && column.type !== "url") return text;
  const words = wordsIn(column, value, row, index, kit);
  return words === text ? text : `${text}\n${words}`;
}

// ---- All of it

function orderOf(self, kit) {
  const test = filterOf(self, kit);
  const search = searchOf(self, kit);
  let order = self.sorted;
  if (test !== null) order = order.filter(test);
  if (search !== "") {
    const texts = self.texts;
    order = order.filter((index) => texts[index].includes(search));
  }
  return order;
}
