// Queries: from `run` to a request that the server performs, and from its answer to who waits for it.

const pending = new Map(); // id → request that waits for its answer
const openOf = new Map(); // event → number of its open requests
let requestNumber = 0;

const openRequests = (ev) => openOf.get(ev) ?? 0;
const failedQuery = new WeakMap(); // error → path of the query that failed with it

class Query extends Entity {
  constructor(definition) {
    super(definition);
    this.definition = definition.request ?? {};
    this.open = 0;
    this.state = {
      data: new Cell(undefined),
      responseMeta: new Cell(undefined),
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

  // run(params) · run(onSuccess, onError, params); seeds-checklist 2A.
  // The callbacks' own results are waited for, so that an error in them is not lost.
  run(first, second, third) {
    forbidInBinding(`${this.name}.run`);
    const onSuccess = typeof first === "function" ? first : null;
    const onError = typeof second === "function" ? second : null;
    const given = unwrap(onSuccess || onError ? third : first);
    const params = isObject(given) ? given : {};
    const answer = this.ask(params);
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

  // A promise of a copy of the answer: what a script does to it leaves `data` alone.
  ask(params) {
    return new TrackedPromise((resolve, reject) => {
      if (pending.size >= limits.requests) throw new Error(`too many requests are open at once (${limits.requests})`);
      const id = `${generation}.${++requestNumber}`;
      const request = this.request(params);
      emit({ id, k: "query", q: this.path }, [["request", request], ["params", json(params)]]);
      pending.set(id, { query: this, ev: current, resolve, reject });
      openOf.set(current, openRequests(current) + 1);
      this.open += 1;
      this.state.isLoading.write(true);
    });
  }

  // JSON text of the request, every binding of it evaluated with `this.params`.
  request(params) {
    this.parts ??= this.prepare();
    const { path, params: query, headers, body, bodyIsText } = this.parts;
    const self = { params };
    const pair = ([name, compute]) => jsonList([json(name), json(textOf(compute(self)))]);
    return jsonObject([
      ["path", json(textOf(path(self)))],
      ["params", jsonList(query.map(pair))],
      ["headers", jsonList(headers.map(pair))],
      ["body", isArray(body) ? jsonList(body.map(pair)) : json(body(self))],
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
  settle({ ok, value, meta, message }, { resolve, reject }) {
    this.state.responseMeta.write(deepFreeze(meta ?? undefined));
    // A refusal's body is data too, and no answer leaves none: a stale success must not go on
    // opening what a gate such as S2-10 guards.
    this.state.data.write(ok ? value : (value ?? undefined));
    this.open -= 1;
    if (this.open === 0) this.state.isLoading.write(false);
    if (ok) resolve(copy(value));
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

// The answer of a request. An id that is not known belongs to a context that is gone.
function answered(input) {
  const request = pending.get(input.id);
  if (request === undefined) return;
  pending.delete(input.id);
  current = request.ev;
  const left = openRequests(current) - 1;
  if (left > 0) openOf.set(current, left);
  else openOf.delete(current);
  request.query.settle(input, request);
}
