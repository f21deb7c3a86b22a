// Rows: what stands inside a list, once for each of its items.

const templates = new Map(); // path of a list as the program writes it → the widgets of its rows
const waiting = new Map(); // path → values of a widget whose row is not there: on another page, or still to come
let widgetTypes = {};

// `List1[].Card` stands in the rows of `List1`; what stands in no row gives null.
function listOf(path) {
  const end = path.lastIndexOf("[].");
  return end < 0 ? null : path.slice(0, end);
}

function placeAll(definitions) {
  const fixed = [];
  for (const definition of definitions) {
    const list = listOf(definition.path);
    if (list === null) fixed.push(definition);
    else if (templates.has(list)) templates.get(list).push(definition);
    else templates.set(list, [definition]);
  }
  place(fixed, null, (path) => path);
}

// Two steps, because code of one widget may name any other.
function place(definitions, row, instanceOf) {
  const widgets = definitions.map((definition) => {
    const path = instanceOf(definition.path);
    return new Widget({ ...definition, path, template: definition.path }, widgetTypes[definition.type], row);
  });
  for (const [index, { parent }] of definitions.entries()) {
    widgets[index].complete();
    if (parent) entities.get(instanceOf(parent)).children.push(widgets[index]);
  }
  return widgets;
}

// What tells whether an item is the same as before; null for one that JSON cannot write, which never is.
function writtenItem(item, index) {
  try {
    return json([item ?? null, index]);
  } catch (error) {
    describe(error); // Notes where it was the engine that gave up.
    return null;
  }
}

class Row {
  constructor(list, template, { key, item, index }) {
    this.list = list;
    this.key = key;
    this.path = `${list.path}[${key}]`;
    this.made = writtenItem(item, index);
    const scope = new Scope(list.scope);
    scopes.set(this.path, scope);
    const inside = templates.get(template) ?? [];
    const names = inside.map(({ name }) => name);
    this.view = present(
      { get: (name) => (names.includes(name) ? scope.names.get(name) : undefined), names: () => names },
      (name) => {
        throw new TypeError(`currentView.${String(name)} cannot be assigned`);
      },
    );
    for (const [name, value] of [["currentItem", item], ["currentIndex", index], ["currentView", this.view]]) scope.names.set(name, value);
    this.widgets = place(inside, this, (path) => (path === template ? list.path : this.path + path.slice(template.length + 2)));
  }

  isOf({ item, index }) {
    return this.made !== null && this.made === writtenItem(item, index);
  }

  // What users and scripts set in it, for the row that takes its place, or for when it comes back.
  hand() {
    for (const widget of this.widgets) {
      const cells = [...widget.properties].filter(([, { source }]) => source instanceof Cell && source.touched);
      if (cells.length > 0) waiting.set(widget.path, cells.map(([name, { source }]) => [name, source.value]));
    }
  }

  // What was set before, or in another context. The server hears of the widget, whatever it has to say.
  take() {
    for (const widget of this.widgets) {
      patch.set(widget.path, new Map());
      for (const [name, value] of waiting.get(widget.path) ?? []) restoreProperty(widget, name, value);
      waiting.delete(widget.path);
    }
  }

  dispose() {
    this.hand();
    for (const widget of this.widgets) widget.dispose();
    scopes.delete(this.path);
  }
}

class Rows {
  constructor(list, template) {
    this.list = list;
    this.template = template;
    this.rows = new Map(); // key → row
    this.order = new Cell(freeze([]));
  }

  views() {
    return this.order.read().map((key) => ({ key, view: this.rows.get(key).view }));
  }

  // A row whose item is another than before is made anew: its code was given the item.
  update(wanted) {
    const next = new Map();
    let changed = wanted.length !== this.rows.size;
    for (const one of wanted) {
      const old = this.rows.get(one.key);
      const stays = old !== undefined && old.isOf(one);
      if (!stays) old?.dispose();
      const row = stays ? old : new Row(this.list, this.template, one);
      if (!stays) row.take();
      next.set(one.key, row);
      changed ||= !stays;
    }
    for (const [key, row] of this.rows) if (!next.has(key)) row.dispose();
    const keys = freeze([...next.keys()]);
    if (!changed && json(keys) === json(this.order.value)) return;
    this.rows = next;
    const order = (widget) => keys.indexOf(widget.row.key);
    this.list.children = this.list.children.filter(({ gone }) => !gone).sort((one, other) => order(one) - order(other));
    this.order.write(keys);
    this.list.properties.get("rows").source.write(keys);
  }

  // Rows that are not there have nothing to keep after a reset.
  forget() {
    for (const path of [...waiting.keys()]) if (path.startsWith(`${this.list.path}[`)) waiting.delete(path);
  }

  dispose() {
    for (const row of this.rows.values()) row.dispose();
  }
}
