"""Table: rows of data that users search, sort, filter, turn the pages of, select, edit and take along.

The data stay in the sandbox; what leaves it is one page of rows as words (`view.js`). Its JavaScript is
the type's library, a file a noun; here stands what it has in names.
"""

from portico.model.widget import Input, Property, WidgetType
from portico.ui.widgets import menu
from portico.ui.widgets.library import library
from portico.ui.widgets.node import Look
from portico.ui.widgets.properties import COMMON, SET_VISIBILITY
from portico.ui.widgets.table import posted
from portico.ui.widgets.table.columns import COLUMNS
from portico.ui.widgets.table.look import prepare
from portico.ui.widgets.table.template import TEMPLATE

_FILES = (
    *("values", "dates", "columns", "rows", "filters", "order", "pages"),
    *("selection", "editing", "cells", "export", "view"),
)


def _given(name: str) -> str:
    return f"kit.given(self, '{name}')"


#: Steps of what is shown, each computed anew only when what it is made of changed.
_STEPS = {
    "tableData": f"library.rowsFrom({_given('tableData')}, kit)",
    "indices": "library.indicesOf(self)",
    "overlay": "library.overlayOf(self)",
    "shownColumns": "library.columnsOf(self)",
    "seen": "self.shownColumns.filter(({ visible }) => visible)",
    "searchText": "String((self.typedSearch ?? self.defaultSearchText) ?? '')",
    "sortOrder": "library.sortOrderOf(self)",
    "sorted": "library.sortedOf(self, kit)",
    "texts": "library.textsOf(self, kit)",
    "lines": "library.linesOf(self)",
    "filters": "library.filtersOf(self)",
    "order": "library.orderOf(self, kit)",
    "pageSize": "library.pageSizeOf(self, kit)",
    "stamp": "library.stampOf(self)",
    "total": "library.totalOf(self)",
    "pages": "library.pagesOf(self)",
    "pageNo": "library.pageNoOf(self)",
    "pageOffset": "(self.pageNo - 1) * self.pageSize",
    "shown": "library.onPage(self)",
    "selectedPlaces": "library.selectedPlaces(self)",
    "selectedIndices": "new Set(self.selectedPlaces.map((place) => self.order[place]))",
    "view": "library.viewOf(self, kit)",
}

#: Those of them that scripts read.
_READ = {"tableData", "searchText", "sortOrder", "filters", "pageSize", "pageNo", "pageOffset"}

#: What scripts read besides.
_MEMBERS = {
    "processedTableData": "self.tableData.map((_, index) => index).map(library.wholeReader(self, kit))",
    "filteredTableData": "self.order.map(library.wholeReader(self, kit))",
    "tableHeaders": "self.shownColumns.map(({ id, label, visible }) => ({ id, label, isVisible: visible }))",
    "selectedRowIndex": "self.selectedPlaces.at(-1) ?? -1",
    "selectedRowIndices": "self.multiRowSelection ? [...self.selectedPlaces] : []",
    "selectedRow": "library.selectedRowOf(self, kit)",
    "selectedRows": "library.selectedRowsOf(self, kit)",
    "triggeredRow": "library.recalled(self, self.triggered, kit)",
    "triggeredRowIndex": "library.recalledIndex(self, self.triggered)",
    "updatedRow": "library.recalled(self, self.updated, kit)",
    "updatedRowIndex": "library.recalledIndex(self, self.updated)",
    "updatedRows": "library.updatedRowsOf(self, kit)",
    "updatedRowIndices": "[...self.overlay.keys()]",
    "isAddRowInProgress": "Object.hasOwn(self.drafts, 'new')",
    "newRow": "library.newRowOf(self, kit)",
}

#: State, with what it is first. Drafts are rows in controls, edits what was typed and is not in the data.
_STATE = {
    "typedSearch": None,
    "chosenSort": {"column": "", "order": None},
    "chosenFilters": {"operator": "AND", "lines": []},
    "chosenPage": None,
    "chosenSize": None,
    "chosenRows": None,
    "drafts": {},
    "edits": {},
    "triggered": None,
    "updated": None,
}

_COMMANDS = {
    "edit": "(row) => library.edit(self, row, kit)",
    "save": "(row) => library.save(self, row, kit)",
    "discard": "(row) => library.discard(self, row, kit)",
    "addRow": "() => library.addRow(self, kit)",
    "check": "(cell) => library.check(self, cell, kit)",
    "cellChanged": "(cell) => library.cellChanged(self, cell, kit)",
    "onSubmit": "(cell) => library.submitCell(self, cell, kit)",
    "rowChosen": "() => { if (self.chosenRows?.added) kit.fire(self, 'onRowSelected'); }",
    "addFilter": "() => library.addFilter(self, kit)",
    "removeFilter": "(id) => library.removeFilter(self, id)",
    "download": "() => library.download(self, kit)",
}

TYPE = WidgetType(
    name="Table",
    help="Rows of data that users search, sort, filter, turn the pages of, select, edit and take along.",
    properties={
        "tableData": Property(
            kind="any", default="", help="The rows: a list of objects, or JSON text of one."
        ),
        "columns": COLUMNS,
        "primaryKey": Property(
            kind="text",
            default="",
            help="The field that tells rows apart, such as `id`: selection and edits keep to it.",
        ),
        "label": Property(kind="text", default="", help="What the table is called by screen readers."),
        "pageSize": Property(kind="number", default=10, help="Rows of a page until the user chooses."),
        "isVisiblePagination": Property(
            kind="boolean",
            default=True,
            help="Whether there are pages; else all rows are shown, 1,000 at most.",
        ),
        "serverSidePaginationEnabled": Property(
            kind="boolean",
            default=False,
            help="Whether `tableData` is one page: `onPageChange` fetches another.",
        ),
        "totalRecordsCount": Property(
            kind="number", default=0, help="All rows there are, where the server makes the pages."
        ),
        "isVisibleSearch": Property(kind="boolean", default=True, help="Whether users may search."),
        "defaultSearchText": Property(kind="text", default="", help="What is searched for at first."),
        "enableClientSideSearch": Property(
            kind="boolean",
            default=True,
            help="Whether `tableData` is searched although `onSearchTextChanged` does something.",
        ),
        "isSortable": Property(kind="boolean", default=True, help="Whether users may sort."),
        "isVisibleFilters": Property(kind="boolean", default=True, help="Whether users may filter."),
        "isVisibleDownload": Property(
            kind="boolean", default=True, help="Whether users may take the rows along as a CSV file."
        ),
        "delimiter": Property(kind="text", default=",", help="What stands between the values of that file."),
        "isSelectable": Property(kind="boolean", default=True, help="Whether users may select rows."),
        "multiRowSelection": Property(kind="boolean", default=False, help="Whether several at once."),
        "defaultSelectedRowIndex": Property(
            kind="number", default=0, help="The place of the row that is selected at first; -1 for none."
        ),
        "defaultSelectedRowIndices": Property(
            kind="list", default=(0,), help="The same where several may be."
        ),
        "inlineEditingSaveOption": Property(
            kind="choice",
            default="ROW_LEVEL",
            choices=("ROW_LEVEL", "CUSTOM"),
            help="Whether a row's own button saves it (`onSave`), or a button of yours saves `updatedRows`.",
        ),
        "allowAddNewRow": Property(kind="boolean", default=False, help="Whether users may add a row."),
        "defaultNewRow": Property(kind="object", default={}, help="What a new row has at first."),
        "compactMode": Property(
            kind="choice",
            default="DEFAULT",
            choices=("DEFAULT", "SHORT", "TALL"),
            help="How high its rows are.",
        ),
        "emptyText": Property(kind="text", default="No rows yet.", help="What it says without rows."),
        **COMMON,
    },
    events=(
        *("onRowSelected", "onPageChange", "onPageSizeChange", "onSearchTextChanged", "onSort"),
        *("onSave", "onDiscard", "onAddNewRowSave", "onAddNewRowDiscard"),
    ),
    meta=_STATE,
    derived={**_STEPS, **_MEMBERS},
    methods={
        **SET_VISIBILITY,
        **_COMMANDS,
        "rowAt": "(row) => library.rowAt(self, row, kit)",
        "setData": "(data) => { self.tableData = data; self.chosenPage = null; }",
        "setSelectedRowIndex": "(place) => library.select(self, place)",
    },
    library=library(*(f"table/{name}" for name in _FILES)),
    zoned=True,
    commands=frozenset(_COMMANDS),
    inputs={
        "search": Input(
            meta="typedSearch", shows="searchText", parse=posted.search, event="onSearchTextChanged"
        ),
        "size": Input(meta="chosenSize", shows="pageSize", parse=posted.size, event="onPageSizeChange"),
        "page": Input(meta="chosenPage", parse=posted.page, event="onPageChange", typed=False),
        "sort": Input(meta="chosenSort", parse=posted.sort, event="onSort", typed=False),
        "row": Input(meta="chosenRows", parse=posted.row, command="rowChosen", typed=False),
        "filter": Input(meta="chosenFilters", parse=posted.filters, many=True),
        "cell": Input(meta="drafts", parse=posted.cell, command="cellChanged", many=True),
    },
    private=frozenset({*_STATE, *_STEPS, *_COMMANDS, "rowAt"} - _READ),
    inner=frozenset(
        {*_STEPS, *_MEMBERS, "columns", "defaultNewRow", "edits", "triggered", "updated"}
        - {"view", "searchText", "pageSize"}
    ),
    parts=frozenset({menu.PART}),
    reset=tuple(_STATE),
    offers=posted.offers,
)

LOOK = Look(template=TEMPLATE, prepare=prepare)
