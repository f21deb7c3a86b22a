// Module instances: a scope of their own, inputs from around them, outputs to outside.

const instances = new Map(); // path → instance

// How often one event may run what hangs on changed outputs of an instance again.
const OUTPUT_RUNS = 10;
const changedOutputs = [];

class Instance {
  constructor({ path, name, kind, inputs, outputs, main, functions }) {
    this.path = path;
    this.name = name;
    this.kind = kind;
    this.main = main;
    this.parameters = functions;
    this.outer = scopeFor(path, name);
    this.scope = new Scope(frameworkScope);
    this.scope.instance = this;
    this.params = null; // of the request that is being written
    this.calls = new Map();
    this.inputs = new Map(Object.entries(inputs).map(([key, value]) => [key, this.input(key, value)]));
    this.outputs = new Map(Object.entries(outputs).map(([key, value]) => [key, new ModuleValue(this, key, value, this.scope)]));
    scopes.set(path, this.scope);
    instances.set(path, this);
    this.scope.names.set("inputs", this.view("inputs", (key) => this.given(key), this.inputs));
    this.outside = this.view(`${name}.outputs`, (key) => this.outputs.get(key)?.read(), this.outputs);
  }

  // What is given is a binding around the module, a default one in it.
  input(key, { given, default: standard }) {
    if (given !== undefined) return new ModuleValue(this, key, given, this.outer);
    return standard === undefined ? null : new ModuleValue(this, key, standard, this.scope);
  }

  view(title, get, from) {
    const refuse = (key) => {
      throw new TypeError(`${title}.${String(key)} cannot be assigned`);
    };
    return present(this, refuse, { get, names: () => [...from.keys()] });
  }

  // Of what `run` was called with, the parameter of the same name counts: for its request alone, and
  // not for what is computed once for all.
  given(key) {
    if (this.params !== null && active === null && this.inputs.has(key) && Object.hasOwn(this.params, key)) return this.params[key];
    return this.inputs.get(key)?.read();
  }

  withParams(params, write) {
    const around = this.params;
    this.params = params;
    try {
      return write();
    } finally {
      this.params = around;
    }
  }

  // What code around it finds under its name.
  has(key) {
    return key === "outputs" || this.outputs.has(key);
  }

  get(key) {
    return key === "outputs" ? this.outside : this.outputs.get(key).read();
  }

  names() {
    return ["outputs", ...this.outputs.keys()];
  }

  // ---- Functions of a script module

  function(key) {
    if (!this.calls.has(key)) {
      const inner = entities.get(this.main);
      const call = (...args) => inner.get(key)(...this.arguments(key, args));
      defineProperty(call, "name", { value: key });
      defineProperty(call, "data", { get: () => inner.get(key).data, enumerable: true });
      this.calls.set(key, call);
    }
    return this.calls.get(key);
  }

  // By position or as one object, whichever way the function is written; what is not given comes
  // from the inputs of the same names.
  arguments(key, args) {
    const { names, one } = this.parameters[key];
    if (names.length === 0) return args;
    const whole = args.length === 1 && isObject(args[0]) && isPlain(args[0]) && !isArray(args[0]) ? args[0] : null;
    const named = whole === null ? [] : keysOf(whole);
    // An empty object names nothing: to a function that is written by position it is an argument.
    const isAllOfThem = whole !== null && (one || (names.length > 1 && named.length > 0 && named.every((name) => names.includes(name))));
    const own = (name, index) => (isAllOfThem ? (Object.hasOwn(whole, name) ? whole[name] : undefined) : args[index]);
    const value = (name, index) => {
      const found = own(name, index);
      return found === undefined ? untracked(() => this.inputs.get(name)?.read()) : found;
    };
    if (!one) return [...names.map(value), ...args.slice(names.length)];
    // What it was given besides stays in it.
    const given = isAllOfThem ? { ...whole } : {};
    for (const [index, name] of names.entries()) {
      const found = value(name, index);
      if (found !== undefined) given[name] = found;
    }
    return [given];
  }

  // ---- What hangs on a change of outputs

  // From when the context begins: what was there then is no change.
  watch(widget) {
    if (!Object.hasOwn(widget.events, "onOutputChange")) return;
    this.widget = widget;
    this.counted = null;
    this.runs = 0;
    this.queued = false;
    for (const output of this.outputs.values()) {
      output.property = this;
      output.said = output.written();
    }
  }

  enqueue() {
    if (this.queued) return;
    this.queued = true;
    changedOutputs.push(this);
  }

  notice() {
    this.queued = false;
    let changed = false;
    for (const output of this.outputs.values()) {
      const before = output.said;
      output.said = output.written();
      changed ||= output.said !== before;
    }
    if (!changed) return false;
    if (this.counted !== cause()) [this.counted, this.runs] = [cause(), 0];
    this.runs += 1;
    if (this.runs > OUTPUT_RUNS) throw new Error(`what ${this.name} does when its outputs change changes them, and was stopped`);
    this.widget.fire("onOutputChange");
    return true;
  }
}

// An input or an output. What is wrong with it is reported once for each way of failing: nobody who
// reads it hears of that.
class ModuleValue extends Computed {
  constructor(instance, name, value, scope) {
    let compute = null;
    super(() => {
      compute ??= evaluator(value, (chunk) => scope.thunk(chunk));
      const result = compute(undefined);
      if (isPromise(result)) throw new Error("this binding gives a promise; bind to the result instead, such as query.data");
      return unwrap(result);
    });
    this.instance = instance;
    this.name = name;
    this.failure = null;
    // It is made of what a query or function has not brought yet: a member of that is not there yet,
    // which is no error (row S0-15).
    this.waits = false;
    this.said = undefined;
  }

  run() {
    super.run();
    this.waits = this.sources.some((source) => (source.brought ? !source.touched : source.waits));
    if (this.error !== null && this.error.name === "TypeError" && this.waits) this.error = null;
    const failure = this.error === null ? null : json(this.error);
    if (failure !== null && failure !== this.failure) report(this.error, { ev: current, owner: this.instance.path, property: this.name });
    this.failure = failure;
  }

  written() {
    const value = this.read();
    try {
      return jsonOut(value);
    } catch (error) {
      describe(error); // Notes where it was the engine that gave up.
      return undefined;
    }
  }
}

// An instance of a query or script module.
class CodeInstance extends Entity {
  constructor(instance) {
    super(instance);
    this.instance = instance;
  }

  get inner() {
    return entities.get(this.instance.main);
  }

  get(key) {
    if (this.instance.has(key)) return this.instance.get(key);
    if (this.instance.kind === "query") return this.inner.get(key);
    return Object.hasOwn(this.instance.parameters, key) ? this.instance.function(key) : undefined;
  }

  names() {
    const own = this.instance.kind === "query" ? this.inner.names() : keysOf(this.instance.parameters);
    return [...this.instance.names(), ...own];
  }

  assign(key) {
    throw new TypeError(`${this.name}.${String(key)} cannot be assigned`);
  }
}

// Whether something was run.
function noticeOutputs() {
  let ran = false;
  for (let at = 0; at < changedOutputs.length; at++) {
    const instance = changedOutputs[at];
    try {
      ran = instance.notice() || ran;
    } catch (error) {
      reportFailure(error, instance.path, "onOutputChange");
    }
  }
  changedOutputs.length = 0;
  return ran;
}
