"""List: the widgets inside it stand once for each item of its data."""

from collections.abc import Mapping
from typing import Any

from portico.model.widget import Input, Property, WidgetType
from portico.ui.prose import as_text, humanised
from portico.ui.widgets.node import Look, Node
from portico.ui.widgets.properties import COMMON, FRAME, NUMBER_OF, SET_VISIBILITY

#: Rows shown at once, at most: each has widgets of its own.
LONGEST_PAGE = 200

#: Its data as a list: JSON text is read, and what is no list is none.
ITEMS = """(() => {
  const data = self.listData;
  const read = (text) => { try { return JSON.parse(text); } catch { return null; } };
  const list = typeof data === "string" && data.trim() !== "" ? read(data) : data ?? [];
  if (Array.isArray(list)) return list;
  if (data === "") return [];
  throw new Error("listData has to be a list, not " + (list === null ? "text" : typeof list));
})()"""

PAGE_SIZE = f"""(() => {{
  const size = Math.trunc({NUMBER_OF}(self.rowsPerPage));
  return size >= 1 ? Math.min(size, {LONGEST_PAGE}) : 10;
}})()"""

#: Pages there are; with pages of the server's making what it says, or as many as there may be.
PAGES = f"""(() => {{
  const total = {NUMBER_OF}(self.totalRecordsCount);
  if (!self.serverSidePagination) return Math.max(Math.ceil(self.items.length / self.pageSize), 1);
  if (total > 0) return Math.max(Math.ceil(total / self.pageSize), 1);
  return self.pageNo + (self.items.length >= self.pageSize ? 1 : 0);
}})()"""

#: The rows of the page: a key that addresses can hold, from the author's key or the place in the data.
SHOWN = """(() => {
  const start = self.serverSidePagination ? 0 : (self.pageNo - 1) * self.pageSize;
  const key = self.primaryKey;
  const used = new Set();
  const mark = (char) => "%" + char.charCodeAt(0).toString(16);
  const written = (text) => encodeURIComponent(text).replace(/[!'()*.~]/g, mark);
  const shown = self.items.slice(start, start + self.pageSize);
  return shown.map((item, at) => {
    const index = start + at;
    const own = key && item !== null && typeof item === "object" ? item[key] : undefined;
    const plain = ["string", "number", "boolean"].includes(typeof own) && String(own) !== "";
    let found = plain ? written(String(own)).slice(0, 100) : String(index);
    if (used.has(found)) found += "~" + index;
    used.add(found);
    return { key: found, item, index };
  });
})()"""


def parse_page(posted: object, props: Mapping[str, Any], detail: str) -> int:
    """A page that there is. Raises ValueError for any other."""
    text = as_text(posted)
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError("not a page")
    number, pages = int(text), props.get("pages")
    if not isinstance(pages, int) or not 1 <= number <= pages:
        raise ValueError("no such page")
    return number


def parse_row(posted: object, props: Mapping[str, Any], detail: str) -> str:
    """The key of a row that is shown. Raises ValueError for any other."""
    rows = props.get("rows")
    if not isinstance(posted, str) or not isinstance(rows, list) or posted not in rows:
        raise ValueError("no such row")
    return posted


TYPE = WidgetType(
    name="List",
    help="Widgets that stand once for each item of some data.",
    properties={
        "listData": Property(kind="any", default=(), help="The items: a list, or JSON text of one."),
        "primaryKey": Property(
            kind="text",
            default="",
            help="The key of an item that tells it from the others, such as `id`: what is typed in a row "
            "stays with its item.",
        ),
        "rowsPerPage": Property(kind="number", default=10, help=f"Items of a page, at most {LONGEST_PAGE}."),
        "serverSidePagination": Property(
            kind="boolean",
            default=False,
            help="Whether `listData` is one page: `onPageChange` fetches another.",
        ),
        "totalRecordsCount": Property(
            kind="number", default=0, help="All items there are, where the server makes the pages."
        ),
        "emptyText": Property(kind="text", default="Nothing here yet.", help="What it says without items."),
        "label": Property(kind="text", default="", help="What the list is called by screen readers."),
        **COMMON,
        **FRAME,
    },
    events=("onItemClick", "onPageChange"),
    children="rows",
    meta={"page": 1, "selectedKey": None, "triggeredKey": None},
    derived={
        "items": ITEMS,
        "pageSize": PAGE_SIZE,
        "pageNo": "self.serverSidePagination ? self.page : Math.min(self.page, Math.max(Math.ceil("
        "self.items.length / self.pageSize), 1))",
        "pages": PAGES,
        "shownItems": SHOWN,
        "currentItems": "self.shownItems.map(({ item }) => item)",
        "currentItemsView": "kit.rows(self).map(({ view }) => view)",
        "selectedItem": "self.shownItems.find(({ key }) => key === self.selectedKey)?.item",
        "selectedItemView": "kit.rows(self).find(({ key }) => key === self.selectedKey)?.view ?? {}",
        "triggeredItem": "self.shownItems.find(({ key }) => key === self.triggeredKey)?.item",
        "triggeredItemView": "kit.rows(self).find(({ key }) => key === self.triggeredKey)?.view ?? {}",
    },
    methods={
        **SET_VISIBILITY,
        "setData": "(data) => { self.listData = data; self.page = 1; }",
    },
    inputs={
        "page": Input(meta="page", parse=parse_page, event="onPageChange", typed=False),
        "selected": Input(
            meta="selectedKey", also=("triggeredKey",), parse=parse_row, event="onItemClick", typed=False
        ),
    },
    inner=frozenset(
        {
            "listData",
            "items",
            "shownItems",
            "currentItems",
            "currentItemsView",
            "selectedItem",
            "selectedItemView",
            "triggeredKey",
            "triggeredItem",
            "triggeredItemView",
        }
    ),
    rows="shownItems",
    reset=("page", "selectedKey", "triggeredKey"),
)


def prepare(node: Node) -> Mapping[str, Any]:
    """Its pages, which row is chosen, and whether rows can be."""
    props = node.props
    current, pages = (value if isinstance(value, int) else 1 for value in (props["pageNo"], props["pages"]))
    return {
        "name": as_text(props["label"]) or humanised(node.widget.name),
        "selects": node.fires("onItemClick"),
        "selected": props["selectedKey"],
        "empty": as_text(props["emptyText"]),
        "pending": node.pending(props.get("rows") or ()),
        "page": current,
        "pages": pages,
    }


#: A row that can be chosen holds a button over its whole ground; what stands in the row is above it.
LOOK = Look(
    template="""\
<div {{ root("w-list", p) }}>
{% if rows %}
<ul class="rows" aria-label="{{ name }}">
{% for row in rows %}
<li class="row frame{% if selects %} selects{% endif %}"{{ frame(p) }}
  {%- if row.key == selected %} aria-current="true"{% endif %}>
{% if selects %}
<button class="whole" type="submit" form="portico" name="v.{{ w.path }}:selected" value="{{ row.key }}"
  formnovalidate aria-label="{{ "Choose item %d"|format(loop.index) }}"></button>
{% endif %}
<div class="{{ row.flow }}">
{{ row.inside }}
</div>
</li>
{% endfor %}
</ul>
{% elif pending %}
<div class="pending" aria-hidden="true"></div>
{% else %}
<p class="empty">{{ empty }}</p>
{% endif %}
{% if pages > 1 %}
<nav class="pager" aria-label="{{ "Pages of %s"|format(name) }}">
<button class="button secondary" type="submit" form="portico" name="v.{{ w.path }}:page"
  value="{{ page - 1 }}" formnovalidate{% if page <= 1 %} disabled{% endif %}>Previous</button>
<span aria-live="polite">{{ "Page %d of %d"|format(page, pages) }}</span>
<button class="button secondary" type="submit" form="portico" name="v.{{ w.path }}:page"
  value="{{ page + 1 }}" formnovalidate{% if page >= pages %} disabled{% endif %}>Next</button>
</nav>
{% endif %}
</div>
""",
    prepare=prepare,
)
