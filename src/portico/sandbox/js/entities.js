// What a page is made of. Every entity has a path and lives in a scope; scripts see it as a proxy,
// and no entity is a global of the context.

let factories = []; // the program's chunks …
let chunkNames = []; // … and the names each takes
const entities = new Map(); // path → entity
const entityOf = new WeakMap(); // proxy → entity
const scopes = new Map(); // path of a module instance or row, "" for the page → scope

class Scope {
  constructor(parent) {
    this.parent = parent;
    this.names = new Map();
    this.thunks = new Map();
    if (parent !== null) this.names.set("resetWidget", (name, children) => resetWidget(this, name, children));
  }

  find(name) {
    for (let scope = this; scope !== null; scope = scope.parent) {
      if (scope.names.has(name)) return scope.names.get(name);
    }
    return undefined;
  }

  // A chunk is made into a thunk once for each scope that it is used in.
  thunk(chunk) {
    let thunk = this.thunks.get(chunk);
    if (thunk === undefined) {
      thunk = factories[chunk](...chunkNames[chunk].map((name) => this.find(name)));
      this.thunks.set(chunk, thunk);
    }
    return thunk;
  }
}

const frameworkScope = new Scope(null);
const pageScope = new Scope(frameworkScope);
scopes.set("", pageScope);

// `Login1.emailInput` lives in `Login1`, `List1[key].Name` in `List1[key]`; their parent is the nearest scope that holds them.
function scopeFor(path, name) {
  const own = path === name ? "" : path.slice(0, -name.length - 1);
  if (!scopes.has(own)) {
    const around = [...scopes.keys()].filter((outer) => own.startsWith(outer + ".") || own.startsWith(outer + "["));
    const nearest = around.reduce((longest, outer) => (outer.length > longest.length ? outer : longest), "");
    scopes.set(own, new Scope(scopes.get(nearest)));
  }
  return scopes.get(own);
}

// ---- Proxies

// `write` is what assigning a property does.
function present(entity, write) {
  const proxy = new Proxy(Object.create(null), {
    get: (_, key) => (typeof key === "symbol" ? undefined : entity.get(key)),
    set(_, key, value) {
      write(key, value);
      return true;
    },
    has: (_, key) => entity.names().includes(key),
    ownKeys: () => entity.names(),
    getOwnPropertyDescriptor(_, key) {
      if (!entity.names().includes(key)) return undefined;
      return { value: entity.get(key), enumerable: true, configurable: true, writable: true };
    },
    defineProperty: () => false,
    deleteProperty: () => false,
    setPrototypeOf: () => false,
    preventExtensions: () => false,
  });
  entityOf.set(proxy, entity);
  return proxy;
}

class Entity {
  constructor({ path, name }) {
    this.path = path;
    this.name = name;
    this.scope = scopeFor(path, name);
    this.proxy = present(this, (key, value) => this.assign(key, value));
    this.scope.names.set(name, this.proxy);
    entities.set(path, this);
  }
}

// ---- Values of a definition (docs/design/program.md): literal, binding, text around bindings, JSON text around bindings

// `thunk` makes a chunk callable; the result is called with what `this` is in a snippet.
function evaluator(value, thunk) {
  if ("b" in value) {
    const compute = thunk(value.b);
    return (self) => compute.call(self);
  }
  if ("t" in value) return joined(value.t, thunk, (part) => (typeof part === "number" ? [part, textOf] : null));
  if ("j" in value) return joined(value.j, thunk, (part) => (isArray(part) ? [part[0], part[1] ? quotedText : json] : null));
  const literal = deepFreeze(value.v);
  return () => literal;
}

// Inside quotes of a JSON text only the content of the string is wanted.
const quotedText = (value) => stringify(textOf(value)).slice(1, -1);

function joined(parts, thunk, bindingOf) {
  const pieces = parts.map((part) => {
    const binding = bindingOf(part);
    if (binding === null) return () => part;
    const [chunk, write] = binding;
    const compute = thunk(chunk);
    return (self) => write(compute.call(self));
  });
  return (self) => pieces.map((piece) => piece(self)).join("");
}

// ---- Widgets

// One property as the server sees it: what was sent last, and whether it has to be looked at again.
class Property {
  constructor(widget, name, source) {
    this.widget = widget;
    this.name = name;
    this.queued = false;
    this.sent = undefined;
    this.complaint = undefined;
    this.use(source);
  }

  use(source) {
    this.source = source;
    source.property = this;
    this.enqueue();
  }

  enqueue() {
    if (this.queued) return;
    this.queued = true;
    changedProperties.push(this);
  }
}

class Widget extends Entity {
  constructor(definition, type) {
    super(definition);
    this.type = type;
    this.children = [];
    this.events = definition.events ?? {};
    this.properties = new Map();
    this.methods = new Map();
    this.self = present(this, (key, value) => this.assignOwn(key, value));
    for (const [name, first] of Object.entries(type.meta ?? {})) this.add(name, new Cell(deepFreeze(first)));
    for (const [name, value] of Object.entries(definition.props ?? {})) this.add(name, this.sourceOf(value));
  }

  // Second step, when every name of every scope is known.
  complete() {
    for (const [name, chunk] of Object.entries(this.type.derived ?? {})) {
      this.add(name, new Computed(() => this.own(chunk)));
    }
    for (const [name, chunk] of Object.entries(this.type.methods ?? {})) this.methods.set(name, this.own(chunk));
  }

  add(name, source) {
    this.properties.set(name, new Property(this, name, source));
  }

  sourceOf(value) {
    if ("v" in value) return new Cell(deepFreeze(value.v));
    let compute = null;
    return new Computed(() => {
      compute ??= evaluator(value, (chunk) => this.scope.thunk(chunk));
      const result = compute(undefined);
      if (isPromise(result)) throw new Error("this binding gives a promise; bind to the result instead, such as query.data");
      return unwrap(result);
    });
  }

  // JavaScript of the widget's type, over `self` and `kit`.
  own(chunk) {
    const known = { self: this.self, kit };
    return factories[chunk](...chunkNames[chunk].map((name) => known[name]));
  }

  get(key) {
    if (this.properties.has(key)) return this.properties.get(key).source.read();
    // The seeds' language says `widgetName`.
    if (key === "name" || key === "widgetName") return this.name;
    return this.methods.get(key);
  }

  names() {
    return [...new Set(["name", "widgetName", ...this.properties.keys(), ...this.methods.keys()])];
  }

  assign(key) {
    throw new TypeError(`${this.name}.${String(key)} cannot be assigned; use a method of the widget, such as setValue`);
  }

  // What a method of the type may set: its own state, or a property over the author's value.
  assignOwn(key, value) {
    forbidInBinding(`changing ${this.name}.${String(key)}`);
    const property = this.properties.get(key);
    if (property === undefined || key in (this.type.derived ?? {})) throw new TypeError(`${this.name}.${String(key)} cannot be set`);
    this.override(property, unwrap(value));
  }

  override(property, value) {
    if (property.source instanceof Computed) {
      const computed = property.source;
      computed.detach();
      property.use(new Cell(undefined));
      property.source.touched = true;
      for (const reader of computed.readers) reader.invalidate();
    }
    property.source.write(value);
  }

  // Values that a user posted. Only state that the type declares can be posted.
  post(name, value) {
    if (!(name in (this.type.meta ?? {}))) throw new Error(`${this.path} has no state ${name}`);
    this.properties.get(name).source.write(deepFreeze(value));
  }

  reset() {
    for (const name of this.type.reset ?? []) this.properties.get(name).source.write(this.type.meta[name]);
  }

  // In document order.
  inside() {
    return this.children.flatMap((widget) => [widget, ...widget.inside()]);
  }
}

// What JavaScript of widget types may ask about other widgets: the inputs inside, in document order.
const kit = freeze({
  inputs: (self) => entityOf.get(self).inside().filter((widget) => widget.type.value).map((widget) => widget.proxy),
});

function resetWidget(scope, name, children = true) {
  forbidInBinding("resetWidget");
  const widget = entityOf.get(scope.find(name));
  if (!(widget instanceof Widget)) return TrackedPromise.reject(new Error(`resetWidget: there is no widget ${textOf(name)}`));
  resetTree(widget, children !== false);
  return resolved();
}

function resetTree(widget, children) {
  widget.reset();
  if (children) for (const inner of widget.inside()) inner.reset();
}

// ---- Script objects

class Script extends Entity {
  constructor(definition) {
    super(definition);
    this.chunk = definition.chunk;
    this.loaded = false;
    this.variables = new Map();
    this.functions = new Map();
  }

  // Run when it is first looked at: by then the context knows its environment.
  load() {
    if (this.loaded) return;
    this.loaded = true;
    untracked(() => {
      try {
        const members = this.scope.thunk(this.chunk).call(this.proxy);
        if (!isObject(members)) throw new Error("a script has to `export default` an object");
        for (const key of keysOf(members)) this.define(key, members[key]);
      } catch (error) {
        reportFailure(error, this.path, null);
      }
    });
  }

  define(key, member) {
    if (typeof member === "function") this.functions.set(key, this.callable(key, member));
    else this.variables.set(key, new Cell(unwrap(member)));
  }

  // `this` is the script object, and `data` what the function last gave (row S0-15).
  callable(key, member) {
    const data = new Cell(undefined);
    const run = (...args) => {
      const result = member.apply(this.proxy, args);
      if (!isPromise(result)) {
        if (active === null) data.write(unwrap(result));
        return result;
      }
      return result.then((value) => {
        data.write(unwrap(value));
        return value;
      });
    };
    defineProperty(run, "name", { value: key });
    defineProperty(run, "data", { get: () => data.read(), enumerable: true });
    return { run, data };
  }

  get(key) {
    this.load();
    if (this.functions.has(key)) return this.functions.get(key).run;
    // A variable that does not exist yet can be depended on too.
    if (!this.variables.has(key)) {
      if (active === null) return undefined;
      this.variables.set(key, new Cell(undefined));
    }
    return this.variables.get(key).readTracked();
  }

  names() {
    this.load();
    return [...this.variables.keys(), ...this.functions.keys()];
  }

  assign(key, value) {
    this.load();
    forbidInBinding(`changing ${this.name}.${String(key)}`);
    if (this.functions.has(key)) throw new TypeError(`${this.name}.${key} is a function and cannot be assigned`);
    if (!this.variables.has(key)) this.variables.set(key, new Cell(undefined));
    this.variables.get(key).write(unwrap(value));
  }
}
