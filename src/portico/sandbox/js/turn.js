// A turn: inputs in, one after another; at its end everything that changed or is wanted, as one JSON text.

let limits = { requests: 256, effects: 1000, errors: 100, logs: 200 };
let generation = "";
let current = null; // the event that what happens now belongs to
let inputs = [];
let scripts = [];
let evaluations = {};
let toRestore = null;
let started = false;

let effects = [];
let errors = [];
let logs = [];
let done = [];
let results = [];
let reported = new WeakSet();

// ---- What a turn collects

function emit(fields, texts = []) {
  if (effects.length >= limits.effects) {
    fault = TOO_MUCH;
    throw new Error(`more than ${limits.effects} effects in one turn`);
  }
  const { id, ...rest } = fields;
  const pairs = Object.entries(rest).map(([key, value]) => [key, json(value)]);
  const head = id === undefined ? [["ev", json(current)]] : [["id", json(id)], ["ev", json(current)]];
  effects.push(jsonObject([...head, ...pairs, ...texts]));
}

function report(description, { ev, owner, property, unhandled = false, query = null }) {
  if (errors.length >= limits.errors) return;
  errors.push(stringify(record({ ev, w: owner, p: property, ...description, unhandled, query })));
}

function reportFailure(error, owner, property) {
  report(describe(error), { ev: current, owner, property });
}

// A rejection that nobody caught, once, however many promises it went through.
function reportUnhandled(reason, ev, owner, property, unhandled = true) {
  if (isObject(reason)) {
    if (reported.has(reason)) return;
    reported.add(reason);
  }
  const query = isObject(reason) ? failedQuery.get(reason) ?? null : null;
  report(describe(reason), { ev, owner, property, unhandled, query });
}

// ---- Actions

// `start` begins what the event is for; its promise, if it is one, is the event's own.
function act(ev, owner, property, start, unhandled = true) {
  current = ev;
  const finish = (ok) => done.push(stringify(record({ ev, ok })));
  const fail = (error) => {
    reportUnhandled(error, ev, owner, property, unhandled);
    finish(false);
  };
  let outcome;
  try {
    outcome = start();
  } catch (error) {
    fail(error);
    return;
  }
  if (isPromise(outcome)) outcome.then(() => finish(true), fail);
  else finish(true);
}

// The actions of one event: each begins when the one before has ended well.
function inOrder(thunks) {
  if (thunks.length === 1) return thunks[0]();
  return (async () => {
    for (const thunk of thunks) await thunk();
  })();
}

function entityAt(path, kind) {
  const entity = entities.get(path);
  if (!(entity instanceof kind)) throw new Error(`there is no ${kind.name.toLowerCase()} ${path}`);
  return entity;
}

const handlers = {
  env: setEnvironment,
  event({ ev, w, p }) {
    act(ev, w, p, () => {
      const widget = entityAt(w, Widget);
      const chunks = Object.hasOwn(widget.events, p) ? widget.events[p] : null;
      if (chunks === null) throw new Error(`${w} has no ${p}`);
      return inOrder(chunks.map((chunk) => widget.scope.thunk(chunk)));
    });
  },
  set({ set }) {
    for (const [path, name, value] of set) entityAt(path, Widget).post(name, value);
  },
  // A page shows without what its load could not get: that is for the log, not for the visitor.
  run({ ev, q, params, load }) {
    act(ev, q, "run", () => entityAt(q, Query).run(params ?? {}), !load);
  },
  call({ ev, w, p, args }) {
    act(ev, w, p, () => {
      const script = entityAt(w, Script);
      script.load();
      if (!script.functions.has(p)) throw new Error(`${w} has no function ${p}`);
      return script.functions.get(p).run(...(args ?? []));
    });
  },
  result: answered,
  reset({ w }) {
    resetTree(entityAt(w, Widget), true);
  },
  evaluate({ ev, name, values }) {
    current = ev;
    results.push([name, evaluate(name, values ?? {})]);
  },
  restore({ state }) {
    toRestore = state;
  },
  // Timers are the browser's and none can be started yet, so none is known here.
  tick({ ev }) {
    done.push(stringify(record({ ev, ok: true })));
  },
};

// Over the given values alone: no entity and no framework name is in sight.
function evaluate(name, values) {
  try {
    if (!Object.hasOwn(evaluations, name)) throw new Error(`there is no evaluation ${name}`);
    deepFreeze(values);
    const own = (key) => (Object.hasOwn(values, key) ? values[key] : undefined);
    const compute = evaluator(evaluations[name].value, (chunk) => factories[chunk](...chunkNames[chunk].map(own)));
    return json(compute(undefined));
  } catch (error) {
    reportFailure(error, null, name);
    return "null";
  }
}

// ---- The end of a turn

const patch = new Map(); // path → property → JSON text

function flush() {
  for (let at = 0; at < changedProperties.length; at++) {
    const property = changedProperties[at];
    property.queued = false;
    refresh(property);
  }
  changedProperties.length = 0;
}

// A binding that fails leaves its property empty, and says so once for each way of failing.
function refresh(property) {
  const { widget, name, source } = property;
  const value = source.read();
  let error = source instanceof Computed ? source.error : null;
  let text = "null";
  if (error === null) {
    try {
      text = json(value);
    } catch (cause) {
      error = describe(cause);
    }
  }
  const complaint = error === null ? undefined : json(error);
  if (complaint !== undefined && complaint !== property.complaint) report(error, { ev: current, owner: widget.path, property: name });
  property.complaint = complaint;
  if (text === property.sent) return;
  property.sent = text;
  if (!patch.has(widget.path)) patch.set(widget.path, new Map());
  patch.get(widget.path).set(name, text);
}

// Scripts and a snapshot wait for the environment, which comes first.
function start() {
  if (started) return;
  started = true;
  for (const script of scripts) script.load();
  if (toRestore !== null) restore(toRestore);
}

function drain() {
  start();
  sweep();
  flush();
  const answer = jsonObject([
    ["patch", jsonObject([...patch].map(([path, properties]) => [path, jsonObject([...properties])]))],
    ["effects", jsonList(effects)],
    ["errors", jsonList(errors)],
    ["logs", jsonList(logs)],
    ["done", jsonList(done)],
    ["results", jsonObject(results)],
    ["open", json(pending.size)],
    ["timers", "0"],
  ]);
  patch.clear();
  [effects, errors, logs, done, results] = [[], [], [], [], []];
  current = null;
  return answer;
}

// ---- Snapshots: touched values and what queries hold

function snapshot() {
  const kept = { cells: Object.create(null), data: Object.create(null), lost: [] };
  for (const [path, entity] of entities) {
    if (entity instanceof Query) keepQuery(kept, path, entity.state);
    else for (const [name, cell] of cellsOf(entity)) keepCell(kept, path, name, cell);
  }
  return stringify(record(kept));
}

function* cellsOf(entity) {
  if (entity instanceof Widget) {
    for (const [name, { source }] of entity.properties) if (source instanceof Cell) yield [name, source];
  } else {
    yield* entity.variables;
    for (const [name, { data }] of entity.functions) yield [`${name}.data`, data];
  }
}

function keepCell(kept, path, name, cell) {
  if (!cell.touched) return;
  const value = encoded(kept, path, name, cell.value);
  if (value !== undefined) (kept.cells[path] ??= Object.create(null))[name] = value;
}

function keepQuery(kept, path, { data, responseMeta }) {
  if (!data.touched && !responseMeta.touched) return;
  kept.data[path] = {
    data: encoded(kept, path, "data", data.value),
    responseMeta: encoded(kept, path, "responseMeta", responseMeta.value),
  };
}

function encoded(kept, path, name, value) {
  try {
    return encode(value);
  } catch (why) {
    kept.lost.push([path, name, why instanceof Unkeepable ? why.kind : "error"]);
    return undefined;
  }
}

// What the page does not have (any more) is passed over.
function restore(state) {
  for (const [path, cells] of Object.entries(state.cells ?? {})) {
    const entity = entities.get(path);
    for (const [name, value] of Object.entries(cells)) {
      if (entity instanceof Widget) restoreProperty(entity, name, decode(value));
      else if (entity instanceof Script) restoreVariable(entity, name, decode(value));
    }
  }
  for (const [path, { data, responseMeta }] of Object.entries(state.data ?? {})) {
    const query = entities.get(path);
    if (!(query instanceof Query)) continue;
    query.state.data.write(decode(data));
    query.state.responseMeta.write(deepFreeze(decode(responseMeta)));
  }
}

function restoreProperty(widget, name, value) {
  const property = widget.properties.get(name);
  if (property !== undefined && !Object.hasOwn(widget.type.derived ?? {}, name)) widget.override(property, value);
}

function restoreVariable(script, name, value) {
  const called = name.endsWith(".data") ? script.functions.get(name.slice(0, -".data".length)) : undefined;
  if (called !== undefined) called.data.write(value);
  else if (!script.functions.has(name)) script.assign(name, value);
}

// ---- Entry points. Each gives a number from above, or its answer.

function boot(text) {
  ({ limits, generation, programStart } = parse(text));
  return OK;
}

function page(definition, chunks) {
  factories = chunks;
  chunkNames = definition.chunks ?? [];
  evaluations = definition.evaluations ?? {};
  for (const query of definition.queries ?? []) new Query(query);
  scripts = (definition.scripts ?? []).map((script) => new Script(script));
  for (const widget of definition.widgets ?? []) new Widget(widget, definition.types[widget.type]);
  for (const { path, parent } of definition.widgets ?? []) {
    const widget = entities.get(path);
    widget.complete();
    if (parent) entities.get(parent).children.push(widget);
  }
}

// The inputs of a message are applied one by one, so that all microtasks of one run before the next.
function begin(text) {
  const message = parse(text);
  now = message.now;
  inputs = message.inputs;
  return inputs.length;
}

function step() {
  const input = inputs.shift();
  sweep();
  current = null;
  if (input.k !== "env" && input.k !== "restore") start();
  if (!Object.hasOwn(handlers, input.k)) throw new Error("unknown input");
  try {
    handlers[input.k](input);
  } catch (error) {
    reportFailure(error, input.w ?? null, input.p ?? null);
  }
  return fault;
}

function finish() {
  const answer = drain();
  return fault === OK ? flat(answer) : fault;
}
