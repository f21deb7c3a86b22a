// Widgets: properties that are computed or set, state that the user changes, methods of the type.

// One property as the server sees it: what was sent last, and whether it has to be looked at again.
// What is `known` to the server from the program is sent once it is another.
class Property {
  constructor(widget, name, source, known = false) {
    this.widget = widget;
    this.name = name;
    this.inner = (widget.type.inner ?? []).includes(name);
    this.queued = false;
    this.sent = undefined;
    this.said = null; // what was wrong with it, by its parts
    this.stand(source);
    if (!known) this.enqueue();
  }

  use(source) {
    this.stand(source);
    this.enqueue();
  }

  stand(source) {
    this.source = source;
    source.property = this;
  }

  enqueue() {
    if (this.queued) return;
    this.queued = true;
    changedProperties.push(this);
  }
}

const none = freeze({});

class Widget extends Entity {
  constructor(definition, type, row) {
    super(definition);
    this.type = type;
    this.row = row;
    this.rows = type.rows ? new Rows(this, definition.template) : null;
    this.instance = instances.get(this.path) ?? null; // of a UI module
    this.gone = false;
    this.children = [];
    this.events = definition.events ?? {};
    this.given = definition.props ?? {};
    this.properties = new Map();
    this.refined = new Map(); // what the author gave for properties that the type computes from just that
    this.methods = new Map();
    for (const [name, value] of Object.entries(this.given)) if (!("v" in value)) this.add(name, this.computed(value));
    if (this.rows !== null) this.add("rows", new Cell(freeze([])));
  }

  // Second step, when every name of every scope is known. What never leaves waits until somebody asks for it; the
  // rows of a list are what its widgets are made of.
  complete() {
    const { derived = {}, inner = [], rows } = this.type;
    for (const name of keysOf(derived)) if (!inner.includes(name) || name === rows || this.isGiven(name)) this.derive(name);
  }

  add(name, source) {
    const property = new Property(this, name, source);
    this.properties.set(name, property);
    return property;
  }

  // A property that begins as a literal is made when somebody asks for it: few ever are.
  property(name) {
    const property = this.properties.get(name);
    if (property !== undefined) return property;
    const literal = this.literal(name);
    if (literal === undefined) return Object.hasOwn(this.type.derived ?? {}, name) ? this.derive(name) : undefined;
    const made = new Property(this, name, new Cell(deepFreeze(literal.v)), true);
    this.properties.set(name, made);
    return made;
  }

  literal(name) {
    if (Object.hasOwn(this.given, name)) return this.given[name];
    const { defaults = {}, meta = {} } = this.type;
    if (Object.hasOwn(defaults, name)) return { v: defaults[name] };
    return Object.hasOwn(meta, name) ? { v: meta[name] } : undefined;
  }

  isGiven(name) {
    return this.properties.has(name) || this.literal(name) !== undefined;
  }

  // Of a name that the author may set too, it is made of what they gave.
  derive(name) {
    if (this.isGiven(name)) {
      const given = this.property(name);
      given.inner = true;
      this.refined.set(name, given);
    }
    return this.add(name, new Computed(() => this.own(this.type.derived[name])));
  }

  computed(value) {
    let compute = null;
    return new Computed(() => {
      compute ??= evaluator(value, (chunk) => this.scope.thunk(chunk));
      const result = compute(undefined);
      if (isPromise(result)) throw new Error("this binding gives a promise; bind to the result instead, such as query.data");
      return unwrap(result);
    });
  }

  // The widget as its type's JavaScript has it.
  get self() {
    const whole = { get: (key) => this.member(key), names: () => this.members() };
    const self = present(this, (key, value) => this.assignOwn(key, value), whole);
    defineProperty(this, "self", { value: self });
    return self;
  }

  method(name) {
    const chunks = this.type.methods ?? {};
    if (!this.methods.has(name) && Object.hasOwn(chunks, name)) this.methods.set(name, this.own(chunks[name]));
    return this.methods.get(name);
  }

  // JavaScript of the widget's type, over `self`, `kit` and what the type has in its library.
  own(chunk) {
    const known = { self: this.self, kit, library: libraryOf(this.type) };
    return factories[chunk](...chunkNames[chunk].map((name) => known[name]));
  }

  // What code of apps finds of it. The type's own JavaScript has all members.
  get(key) {
    if (this.instance?.has(key)) return this.instance.get(key);
    return this.isPrivate(key) ? undefined : this.member(key);
  }

  names() {
    return [...(this.instance?.names() ?? []), ...this.ownNames()];
  }

  ownNames() {
    return this.members().filter((name) => !this.isPrivate(name));
  }

  isPrivate(name) {
    return this.type.private?.includes(name) ?? false;
  }

  member(key) {
    const property = this.property(key);
    if (property !== undefined) return property.source.read();
    // The seeds' language says `widgetName`.
    if (key === "name" || key === "widgetName") return this.name;
    const method = this.method(key);
    if (method !== undefined) return method;
    const foreign = this.foreign();
    return Object.hasOwn(foreign, key) ? foreign[key] : undefined;
  }

  // What another tool knows of it, where the type stands for a widget of one: read like members.
  foreign() {
    const found = this.type.members ? this.property(this.type.members).source.read() : undefined;
    return isObject(found) && !isArray(found) ? found : none;
  }

  members() {
    const { meta, defaults, derived, methods } = this.type;
    const parts = [meta, defaults, this.given, derived].flatMap((part) => keysOf(part ?? {}));
    const own = ["name", "widgetName", ...parts, ...this.properties.keys(), ...keysOf(methods ?? {})];
    return [...new Set([...own, ...keysOf(this.foreign())])];
  }

  assign(key) {
    throw new TypeError(`${this.name}.${String(key)} cannot be assigned; use a method of the widget, such as setValue`);
  }

  // What a method of the type may set: its own state, or a property over the author's value.
  assignOwn(key, value) {
    forbidInBinding(`changing ${this.name}.${String(key)}`);
    const property = this.settable(key);
    if (property === undefined) throw new TypeError(`${this.name}.${String(key)} cannot be set`);
    this.override(property, unwrap(value));
  }

  // The property that a value can be set over: of one that is computed, what it is computed from.
  settable(key) {
    return key in (this.type.derived ?? {}) ? this.refined.get(key) : this.property(key);
  }

  override(property, value) {
    if (property.source instanceof Computed) {
      const computed = property.source;
      computed.detach();
      property.use(new Cell(undefined));
      property.source.touched = true;
      invalidateReaders(computed);
    }
    property.source.write(value);
  }

  // Values that a user posted. Only state that the type declares can be posted.
  post(name, value) {
    if (!(name in (this.type.meta ?? {}))) throw new Error(`${this.path} has no state ${name}`);
    this.property(name).source.write(deepFreeze(value));
  }

  // Run what hangs on an event of this widget, as a part of the event that is going on.
  fire(name) {
    if (Object.hasOwn(this.events, name)) act(current, this.path, name, () => inOrder(this.actions(name)), true, false);
  }

  // The same, and the promise of its end: for what the type does only once that went well.
  perform(name, rowKey) {
    return Object.hasOwn(this.events, name) ? promised(() => inOrder(this.actions(name, rowKey))) : resolved();
  }

  // What hangs on an event, ready to be run. Where it is of a row that the type draws itself, such
  // as a table's, the code takes the row and its place. A command is a method of the type.
  actions(name, rowKey) {
    if (this.type.commands?.includes(name)) return [() => this.method(name)(rowKey)];
    if (!Object.hasOwn(this.events, name)) throw new Error(`${this.path} has no ${name}`);
    const given = rowKey === undefined || rowKey === null ? [] : this.method("rowAt")(rowKey);
    return this.events[name].map((chunk) => () => this.scope.thunk(chunk)(...given));
  }

  // The lists around it are told in which of their rows something happens.
  noteRow() {
    for (let row = this.row; row !== null; row = row.list.row) row.list.note("triggeredKey", row.key);
  }

  note(name, value) {
    if (name in (this.type.meta ?? {})) this.property(name).source.write(value);
  }

  dispose() {
    this.rows?.dispose();
    for (const { source } of [...this.properties.values(), ...this.refined.values()]) if (source instanceof Computed) source.detach();
    this.gone = true;
    entities.delete(this.path);
    patch.delete(this.path);
    gone.add(this.path);
  }

  reset() {
    for (const name of this.type.reset ?? []) this.properties.get(name)?.source.write(this.type.meta[name]);
  }

  // In document order.
  inside() {
    return this.children.flatMap((widget) => [widget, ...widget.inside()]);
  }
}

// What a type's `library` gives, made once for all widgets of the type.
function libraryOf(type) {
  if (type.library === undefined || type.library === null) return undefined;
  type.made ??= factories[type.library](kit);
  return type.made;
}

// What JavaScript of widget types may ask for besides its own widget.
const kit = freeze({
  // Its rows, each with its key and its widgets by name.
  rows: (self) => entityOf.get(self).rows.views(),
  // The inputs inside, in document order.
  inputs: (self) => entityOf.get(self).inside().filter((widget) => widget.type.value).map((widget) => widget.proxy),
  // What the author gave for a property that the type computes from just that.
  given: (self, name) => entityOf.get(self).refined.get(name).source.read(),
  // Whether the author wants something done at an event; that it is done; the promise of its end.
  acts: (self, name) => Object.hasOwn(entityOf.get(self).events, name),
  fire: (self, name) => entityOf.get(self).fire(name),
  perform: (self, name, rowKey) => entityOf.get(self).perform(name, rowKey),
  // What is wrong with a part of what is being computed, or with data that it is made of.
  complain(part, error) {
    const found = typeof error === "string" ? new Error(error) : error;
    if (active === null) describe(found);
    else active.complain(part, found);
  },
  // What to throw where nothing can be done, and the user is told why.
  refusal(message) {
    emit({ k: "alert", message, style: "warning" });
    const error = new Error(message);
    cancelled.add(error);
    return error;
  },
  // What is in an uploaded file, by its id; undefined for one that is not there.
  content: (id) => contentOf(id).read(),
  download: (text, name, type) => handOut(text, false, name, type),
});

const contents = new Map(); // id of an upload → what is in it, as the server gives it

function contentOf(id) {
  if (!contents.has(id)) contents.set(id, new Cell(undefined));
  return contents.get(id);
}

// The widget that a script named, by its name or by itself.
function widgetNamed(scope, title, name) {
  forbidInBinding(title);
  const widget = entityOf.get(isObject(name) ? name : scope.find(name));
  if (!(widget instanceof Widget)) throw new Error(`${title}: there is no widget ${textOf(name)}`);
  return widget;
}

function resetWidget(scope, name, children = true) {
  return promised(() => resetTree(widgetNamed(scope, "resetWidget", name), children !== false));
}

// A function of the framework that does what a type has a method for.
function callOwn(scope, title, name, method) {
  return promised(() => {
    const widget = widgetNamed(scope, title, name);
    const call = widget.method(method);
    if (call === undefined) throw new Error(`${title}: ${widget.name} is no modal`);
    call();
  });
}

function resetTree(widget, children) {
  widget.reset();
  if (!children) return;
  widget.rows?.forget();
  for (const inner of widget.inside()) inner.reset();
}
