// Filters: lines of a column, a condition and a value that users put together.

const NEEDS_NO_VALUE = ["empty", "notEmpty", "isChecked", "isUnChecked"];
const CONDITIONS = {
  text: ["contains", "doesNotContain", "startsWith", "endsWith", "isExactly", "empty", "notEmpty"],
  number: ["isEqualTo", "notEqualTo", "greaterThan", "greaterThanEqualTo", "lessThan", "lessThanEqualTo", "empty", "notEmpty"],
  date: ["is", "isBefore", "isAfter", "isNot", "empty", "notEmpty"],
  truth: ["isChecked", "isUnChecked"],
};
const DAY = 86400000;
const dayOf = (time) => Math.floor(time / DAY);

// The tests of a cell's words, number or day against what the user wrote. What is empty passes none but
// those that ask for it, or for what it is not.
const TESTS = {
  contains: (words, wanted) => words.includes(wanted),
  doesNotContain: (words, wanted) => !words.includes(wanted),
  startsWith: (words, wanted) => words.startsWith(wanted),
  endsWith: (words, wanted) => words.endsWith(wanted),
  isExactly: (words, wanted) => words === wanted,
  isEqualTo: (number, wanted) => number === wanted,
  notEqualTo: (number, wanted) => number !== wanted,
  greaterThan: (number, wanted) => number > wanted,
  greaterThanEqualTo: (number, wanted) => number >= wanted,
  lessThan: (number, wanted) => number < wanted,
  lessThanEqualTo: (number, wanted) => number <= wanted,
  is: (day, wanted) => day === wanted,
  isNot: (day, wanted) => day !== wanted,
  isBefore: (day, wanted) => day < wanted,
  isAfter: (day, wanted) => day > wanted,
};

// What the user made, as far as the columns still allow it.
function linesOf(self) {
  return self.chosenFilters.lines.flatMap((line) => {
    const column = shownColumn(self, line.column);
    if (!column?.filterable) return [];
    const conditions = CONDITIONS[kindOf(column).filter];
    const condition = conditions.includes(line.condition) ? line.condition : conditions[0];
    return [{ id: line.id, column, condition, value: line.value, needsValue: !NEEDS_NO_VALUE.includes(condition) }];
  });
}

// As scripts read them.
function filtersOf(self) {
  const { operator } = self.chosenFilters;
  return self.isVisibleFilters ? self.lines.map(({ column, condition, value }) => ({ column: column.alias, condition, value, operator })) : [];
}

// A test of a row, or null where none is needed. A line that still lacks its value tests nothing.
function filterOf(self, kit) {
  if (!self.isVisibleFilters) return null;
  const tests = self.lines.map((line) => testFor(line, self, kit)).filter((test) => test !== null);
  if (tests.length === 0) return null;
  return self.chosenFilters.operator === "OR" ? (index) => tests.some((test) => test(index)) : (index) => tests.every((test) => test(index));
}

function testFor({ column, condition, value, needsValue }, self, kit) {
  const rowAt = rowReader(self);
  const { filter } = kindOf(column);
  if (!needsValue) {
    const wanted = condition === "empty" || condition === "isChecked";
    const says = filter === "truth" ? isTrue : isNothing;
    return (index) => says(valueIn(column, rowAt(index), index, kit)) === wanted;
  }
  const wanted = READ[filter](value, value, "");
  if (value === "" || Number.isNaN(wanted)) return null;
  const test = TESTS[condition];
  return (index) => {
    const row = rowAt(index);
    const found = valueIn(column, row, index, kit);
    if (isNothing(found)) return SPARES_EMPTY.includes(condition);
    const words = filter === "text" ? wordsIn(column, found, row, index, kit) : "";
    return test(READ[filter](found, words, column.format.input), wanted);
  };
}

const SPARES_EMPTY = ["doesNotContain", "notEqualTo", "isNot"];
// What is compared, by how a column is filtered.
const READ = {
  text: (value, words) => words.toLowerCase(),
  number: (value) => numberOf(value),
  date: (value, words, input) => dayOf(timeOf(value, input)),
};

// ---- What the page shows of them

function filterView(self) {
  if (!self.isVisibleFilters) return null;
  const columns = self.seen.filter(({ filterable }) => filterable);
  return {
    columns: columns.map(({ id, label }) => [id, label]),
    operator: self.chosenFilters.operator,
    lines: self.lines.map(({ id, column, condition, value, needsValue }) => ({
      id,
      column: column.id,
      condition,
      conditions: CONDITIONS[kindOf(column).filter],
      value: needsValue ? value : null,
      kind: kindOf(column).filter,
    })),
  };
}

// ---- Commands

function addFilter(self, kit) {
  const column = self.seen.find(({ filterable }) => filterable);
  allowed(self.isVisibleFilters && column !== undefined && self.lines.length < 20, kit);
  const lines = self.chosenFilters.lines;
  const id = lines.reduce((most, line) => Math.max(most, line.id), 0) + 1;
  self.chosenFilters = { ...self.chosenFilters, lines: [...lines, { id, column: column.id, condition: "", value: "" }] };
}

function removeFilter(self, id) {
  self.chosenFilters = { ...self.chosenFilters, lines: self.chosenFilters.lines.filter((line) => String(line.id) !== id) };
}
