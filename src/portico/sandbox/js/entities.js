// What a page is made of. Every entity has a path and lives in a scope; scripts see it as a proxy,
// and no entity is a global of the context.

let factories = []; // the program's chunks …
let chunkNames = []; // … and the names each takes
const entities = new Map(); // path → entity
const entityOf = new WeakMap(); // proxy → entity
const scopes = new Map(); // path of a module instance or row, "" for the page → scope

// Functions that are told the name of a widget, and look for it from where they are called.
const scopedFunctions = [
  ["resetWidget", resetWidget],
  ["showModal", (scope, name) => callOwn(scope, "showModal", name, "show")],
  ["closeModal", (scope, name) => callOwn(scope, "closeModal", name, "close")],
];

class Scope {
  constructor(parent) {
    this.parent = parent;
    this.instance = null; // of a module, whose scope it is
    this.names = new Map();
    this.thunks = new Map();
    if (parent !== null) for (const [name, call] of scopedFunctions) this.names.set(name, (...args) => call(this, ...args));
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

// One object a proxy, with traps that all share: pages have hundreds of proxies.
class Presentation {
  constructor(view, write) {
    this.view = view;
    this.write = write;
  }

  get(_, key) {
    return typeof key === "symbol" ? undefined : this.view.get(key);
  }

  set(_, key, value) {
    this.write(key, value);
    return true;
  }

  has(_, key) {
    return this.view.names().includes(key);
  }

  ownKeys() {
    return this.view.names();
  }

  getOwnPropertyDescriptor(_, key) {
    if (!this.view.names().includes(key)) return undefined;
    return { value: this.view.get(key), enumerable: true, configurable: true, writable: true };
  }

  defineProperty() {
    return false;
  }

  deleteProperty() {
    return false;
  }

  setPrototypeOf() {
    return false;
  }

  preventExtensions() {
    return false;
  }
}
// A trap is looked for by its name, and must not be found where scripts put things.
Object.setPrototypeOf(Presentation.prototype, null);

// `write` is what assigning a property does.
function present(entity, write, view = entity) {
  const proxy = new Proxy(Object.create(null), new Presentation(view, write));
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
