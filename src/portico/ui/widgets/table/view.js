// The view: all that leaves the sandbox. One page of rows as words, and what its user may do with them.

function viewOf(self, kit) {
  const rows = self.shown.map((index) => shownRow(self, index, kit));
  const places = self.selectedPlaces;
  const { column: sorted, order } = self.sortOrder;
  return {
    columns: self.seen.map((column) => columnView(column, sorted, order)),
    rows,
    adding: isDraft(self, NEW) ? newCells(self, kit) : null,
    page: self.pageNo,
    pages: self.pages,
    total: self.total,
    first: rows.length === 0 ? 0 : (self.pageNo - 1) * self.pageSize + 1,
    sizes: sizesOf(self, kit),
    stamp: self.stamp,
    selected: places.length,
    keys: self.chosenRows === null ? places.map((place) => keyOf(self, self.order[place])) : self.chosenRows.keys,
    hasData: self.tableData.length > 0,
    filters: filterView(self),
  };
}

// `sorted`: `asc`, `desc`, empty where it is not sorted by, null where it cannot be.
function columnView({ id, label, type, align, sortable, saveActionLabel, discardActionLabel }, sorted, order) {
  const column = { id, label, type, align, sorted: id === sorted ? order : sortable ? "" : null };
  return type === "editActions" ? { ...column, save: textOf(saveActionLabel) || "Save", discard: textOf(discardActionLabel) || "Discard" } : column;
}

function shownRow(self, index, kit) {
  const key = keyOf(self, index);
  const drafted = isDraft(self, key);
  const cells = cellsOf(self, index, key, kit);
  return {
    key,
    name: nameOf(self, index, kit),
    selected: self.selectedIndices.has(index),
    drafted,
    edited: self.overlay.has(index),
    editable: hasControls(self, key, index, kit),
    cells,
  };
}

// What a row is called: the words of its first column that has any.
function nameOf(self, index, kit) {
  const row = rowReader(self)(index);
  for (const column of self.seen) {
    if (kindOf(column).acts || ["image", "html", "checkbox", "switch"].includes(column.type)) continue;
    const words = wordsIn(column, valueIn(column, row, index, kit), row, index, kit);
    if (words !== "") return words.slice(0, 80);
  }
  return String(index + 1);
}

// What the type in `__init__.py` calls.
return {
  rowsFrom, indicesOf, overlayOf, columnsOf,
  sortOrderOf, sortedOf, textsOf, linesOf, filtersOf, orderOf,
  pageSizeOf, stampOf, totalOf, pagesOf, pageNoOf, onPage,
  selectedPlaces, selectedRowOf, selectedRowsOf, select,
  blankRow, wholeReader, recalled, recalledIndex, updatedRowsOf, newRowOf,
  rowAt, edit, addRow, save, discard, check, cellChanged, submitCell, addFilter, removeFilter, download, viewOf,
};
