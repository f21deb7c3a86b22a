// Reactive values. Reading one inside a binding records the dependency; a change marks what depends
// on it as stale, and only what is stale is computed again, when somebody asks or the turn ends.

let active = null; // the binding being computed
const running = []; // it, and those that wait for it
const changedProperties = []; // what the turn's end has to look at

// `readers` of a source: nobody, one binding, or a set once there are more. Pages have thousands of sources, and most
// of them one reader.
function subscribe(source) {
  if (active === null || source.readers === active) return;
  if (source.readers === null) source.readers = active;
  else {
    if (!(source.readers instanceof Set)) source.readers = new Set([source.readers]);
    if (source.readers.has(active)) return;
    source.readers.add(active);
  }
  active.sources.push(source);
}

function unsubscribe(source, reader) {
  if (source.readers === reader) source.readers = null;
  else source.readers.delete(reader);
}

function invalidateReaders(source) {
  if (source.readers instanceof Set) for (const reader of source.readers) reader.invalidate();
  else source.readers?.invalidate();
}

function spread(source) {
  if (source.property !== null) source.property.enqueue();
  invalidateReaders(source);
}

function forbidInBinding(what) {
  if (active !== null) throw new Error(`${what} cannot be used in a binding, only in an event or a function that an event runs`);
}

// Run code that belongs to nobody's binding, such as a script object that is first looked at from one.
function untracked(action) {
  const outer = active;
  active = null;
  try {
    return action();
  } finally {
    active = outer;
  }
}

// A value that is set. `touched`: by a user or a script, so a snapshot has to hold it.
class Cell {
  constructor(value) {
    this.value = value;
    this.readers = null;
    this.property = null;
    this.touched = false;
    this.brought = false;
    this.proxies = null;
  }

  read() {
    subscribe(this);
    return this.value;
  }

  // As scripts may change it: changes deep inside are noticed too.
  readTracked() {
    return track(this.read(), this);
  }

  write(value) {
    this.touched = true;
    if (Object.is(value, this.value)) return;
    this.value = value;
    spread(this);
  }

  notice() {
    this.touched = true;
    spread(this);
  }
}

// A value that a query or function brings: until then it is missing, and no mistake.
function brought(cell) {
  cell.brought = true;
  return cell;
}

// A value that is computed.
class Computed {
  constructor(compute) {
    this.compute = compute;
    this.readers = null;
    this.sources = [];
    this.property = null;
    this.complaints = null; // what is wrong with single parts of what it is made of, by their names
    this.value = undefined;
    this.error = null;
    this.stale = true;
    this.running = false;
    this.cyclic = false;
  }

  invalidate() {
    if (this.stale) return;
    this.stale = true;
    spread(this);
  }

  read() {
    subscribe(this);
    if (this.running) {
      // Everything between the two readings is part of the cycle, whoever catches this.
      for (const one of running.slice(running.indexOf(this))) one.cyclic = true;
      throw new Error("this binding depends on itself");
    }
    if (this.stale) this.run();
    return this.value;
  }

  run() {
    this.detach();
    const outer = active;
    active = this;
    this.running = true;
    this.cyclic = false;
    this.complaints = null;
    running.push(this);
    try {
      this.value = this.compute();
      this.error = null;
    } catch (error) {
      this.value = undefined;
      this.error = describe(error);
    } finally {
      running.pop();
      this.running = false;
      active = outer;
    }
    if (this.cyclic) {
      this.value = undefined;
      this.error = record({ name: "CycleError", message: "this binding depends on itself", line: null, column: null });
    }
    this.stale = false;
    // Properties of its own that nobody asks for are computed when they are read: the turn's end hears of it.
    if (this.property?.inner) this.property.enqueue();
  }

  // Of the value of one part, which is then left out: once for each part.
  complain(part, error) {
    this.complaints ??= new Map();
    if (!this.complaints.has(part)) this.complaints.set(part, describe(error));
  }

  detach() {
    for (const source of this.sources) unsubscribe(source, this);
    this.sources.length = 0;
  }
}

// ---- Changes deep inside a value

const rawOf = new WeakMap(); // our proxies → what they stand for

const unwrap = (value) => (isObject(value) ? rawOf.get(value) ?? value : value);

// Only plain objects and arrays: Date, Map and private fields do not work through a Proxy, so changes in them go unnoticed.
function track(value, cell) {
  if (!isObject(value) || rawOf.has(value) || !isPlain(value)) return value;
  cell.proxies ??= new WeakMap();
  let proxy = cell.proxies.get(value);
  if (proxy === undefined) {
    proxy = new Proxy(value, tracking(cell));
    cell.proxies.set(value, proxy);
    rawOf.set(proxy, value);
  }
  return proxy;
}

function tracking(cell) {
  // A binding that sorts a list in place changes it, but must not start all bindings again, itself included.
  const changed = () => {
    if (active === null) cell.notice();
  };
  return {
    get(target, key, receiver) {
      const value = Reflect.get(target, key, receiver);
      if (!isObject(value)) return value;
      const own = Reflect.getOwnPropertyDescriptor(target, key);
      // The language insists on the very value here.
      if (own !== undefined && !own.configurable && !own.writable) return value;
      return track(value, cell);
    },
    set(target, key, value) {
      const done = Reflect.set(target, key, unwrap(value));
      changed();
      return done;
    },
    defineProperty(target, key, descriptor) {
      const done = Reflect.defineProperty(target, key, descriptor);
      changed();
      return done;
    },
    deleteProperty(target, key) {
      const done = Reflect.deleteProperty(target, key);
      changed();
      return done;
    },
  };
}
