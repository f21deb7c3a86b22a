// Queries: from `run` to a request that the server performs, and from its answer to who waits for it.

const failedQuery = new WeakMap(); // error → path of the query that failed with it

const functionOrNull = (value) => (typeof value === "function" ? value : null);

class Query extends Entity {
  constructor(definition) {
    super(definition);
    this.definition = definition.request ?? {};
    this.question = definition.confirm ?? null;
    this.automatic = definition.automatic ? new Automatic(this) : null;
    this.open = 0;
    this.state = {
      data: brought(new Cell(undefined)),
      responseMeta: brought(new Cell(undefined)),
      isLoading: new Cell(false),
    };
    this.functions = {
      run: (...args) => this.run(...args),
      clear: () => this.clear(),
    };
  }

  get(key) {
    if (Object.hasOwn(this.state, key)) return this.state[key].read();
    return Object.hasOwn(this.functions, key) ? this.functions[key] : undefined;
  }

  names() {
    return [...keysOf(this.state), ...keysOf(this.functions)];
  }

  assign(key) {
    throw new TypeError(`${this.name}.${String(key)} cannot be assigned`);
  }

  clear() {
    forbidInBinding(`${this.name}.clear`);
    this.state.data.write(undefined);
    return resolved();
  }

  // run(params) · run(onSuccess, onError, params) · run(params, onSuccess, onError); seeds-checklist 2A.
  // The callbacks' own results are waited for, so that an error in them is not lost.
  run(first, second, third) {
    forbidInBinding(`${this.name}.run`);
    const [onSuccess, onError] = (isObject(first) ? [second, third] : [first, second]).map(functionOrNull);
    const given = unwrap(isObject(first) ? first : third);
    const params = isObject(given) ? given : {};
    const answer = this.question === null ? this.send(params) : confirmed(this.question).then(() => this.send(params));
    if (onSuccess === null && onError === null) return answer;
    const meta = () => untracked(() => this.state.responseMeta.read());
    return answer.then(
      (data) => (onSuccess ? resolved(onSuccess(data, params, meta())).then(() => undefined) : data),
      (error) => {
        if (onError === null) throw error;
        return resolved(onError(error.message, params, meta())).then(() => undefined);
      },
    );
  }

  // For the page, and not for a script: nobody sees what it gives.
  load(params) {
    forbidInBinding(`${this.name}.run`);
    return this.question === null ? this.send(params, false) : confirmed(this.question).then(() => this.send(params, false));
  }

  // A promise of a copy of the answer, if it is `wanted`: what a script does to it leaves `data` alone.
  send(params, wanted = true) {
    return new TrackedPromise((resolve, reject) => {
      const texts = [["request", this.request(params)], ["params", jsonOut(params)]];
      openRequest({ k: "query", q: this.path }, texts, (answer) => this.settle(answer, (value) => resolve(wanted ? copy(value) : undefined), reject));
      this.open += 1;
      this.state.isLoading.write(true);
      this.automatic?.watch();
    });
  }

  // JSON text of the request, every binding of it evaluated with `this.params`.
  request(params) {
    this.parts ??= this.prepare();
    const { instance } = this.scope;
    return instance?.main === this.path ? instance.withParams(params, () => this.written(params)) : this.written(params);
  }

  written(params) {
    const { path, params: query, headers, body, bodyIsText } = this.parts;
    const self = { params };
    const pair = ([name, compute]) => jsonList([json(name), json(textOf(compute(self)))]);
    return jsonObject([
      ["path", json(textOf(path(self)))],
      ["params", jsonList(query.map(pair))],
      ["headers", jsonList(headers.map(pair))],
      ["body", isArray(body) ? jsonList(body.map(pair)) : jsonOut(body(self))],
      ["bodyIsText", json(bodyIsText)],
    ]);
  }

  prepare() {
    const { path, params = [], headers = [], body } = this.definition;
    const compute = (value) => evaluator(value ?? { v: null }, (chunk) => this.scope.thunk(chunk));
    const pairs = (list) => list.map(([name, value]) => [name, compute(value)]);
    return {
      path: compute(path),
      params: pairs(params),
      headers: pairs(headers),
      body: isArray(body) ? pairs(body) : compute(body),
      bodyIsText: isObject(body) && ("j" in body || "t" in body || typeof body.v === "string"),
    };
  }

  // Meta, data, isLoading; then callbacks and promises, in the same turn.
  settle({ ok, value, meta, message }, resolve, reject) {
    this.state.responseMeta.write(deepFreeze(meta ?? undefined));
    // A refusal's body is data too, and no answer leaves none: a stale success must not go on
    // opening what a gate such as S2-10 guards.
    this.state.data.write(ok ? value : (value ?? undefined));
    this.open -= 1;
    if (this.open === 0) this.state.isLoading.write(false);
    if (ok) resolve(value);
    else reject(this.failure(value, meta, message));
  }

  failure(value, meta, message) {
    const error = new Error(message || "The query failed.");
    error.name = "QueryError";
    error.data = value;
    error.responseMeta = meta;
    failedQuery.set(error, this.path);
    return error;
  }
}

// ---- Queries that run again when something they send has changed

// How often one event may run such a query again: beyond it, it feeds itself.
const RERUNS = 10;
const changedQueries = [];

class Automatic {
  constructor(query) {
    this.query = query;
    this.sent = null; // what it would have sent without parameters, when it last ran
    this.queued = false;
    this.counted = null; // the event that its runs are counted for
    this.runs = 0;
    this.source = new Computed(() => query.request({}));
    this.source.property = this;
  }

  // From its first run on: before that nobody has asked for its data.
  watch() {
    this.sent = this.source.read();
  }

  enqueue() {
    if (this.queued || this.sent === null) return;
    this.queued = true;
    changedQueries.push(this);
  }

  rerun() {
    this.queued = false;
    const before = this.sent;
    this.watch();
    if (this.sent === before || this.source.error !== null) return;
    if (this.counted !== cause()) [this.counted, this.runs] = [cause(), 0];
    this.runs += 1;
    if (this.runs > RERUNS) throw new Error(`${this.query.name} changes what it sends by its own answer, and was stopped`);
    // Its failure shows in responseMeta, as that of a query of the page's load does.
    this.query.send({}, false).catch((error) => reportFailure(error, this.query.path, "run"));
  }
}

function rerunQueries() {
  for (let at = 0; at < changedQueries.length; at++) {
    const automatic = changedQueries[at];
    try {
      automatic.rerun();
    } catch (error) {
      reportFailure(error, automatic.query.path, "run");
    }
  }
  changedQueries.length = 0;
}
