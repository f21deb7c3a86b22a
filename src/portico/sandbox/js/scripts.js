// Script objects: variables and functions of a file.

class Script extends Entity {
  constructor(definition) {
    super(definition);
    this.chunk = definition.chunk;
    this.questions = definition.confirm ?? {};
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
    const data = brought(new Cell(undefined));
    const question = Object.hasOwn(this.questions, key) ? this.questions[key] : null;
    const call = (args) => {
      if (question === null) return member.apply(this.proxy, args);
      forbidInBinding(`${this.name}.${key}`);
      return confirmed(question).then(() => member.apply(this.proxy, args));
    };
    const run = (...args) => {
      const result = call(args);
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
