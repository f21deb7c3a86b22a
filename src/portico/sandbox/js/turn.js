// A turn: inputs in, one after another; at its end everything that changed or is wanted, as one JSON text.

let limits = { requests: 256, timers: 50, effects: 1000, errors: 100, logs: 200, kept: 256 << 10 };
let generation = "";
let current = null; // the event that what happens now belongs to
let turns = 0;
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
  const pairs = Object.entries(rest).map(([key, value]) => [key, jsonOut(value)]);
  const head = id === undefined ? [["ev", json(current)]] : [["id", json(id)], ["ev", json(current)]];
  effects.push(jsonObject([...head, ...pairs, ...texts]));
}

// What runs are counted for that something sets off by itself: the event, or a turn that is nobody's.
const cause = () => current ?? turns;

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
    if (reported.has(reason) || cancelled.has(reason)) return;
    reported.add(reason);
  }
  const query = isObject(reason) ? failedQuery.get(reason) ?? null : null;
  report(describe(reason), { ev, owner, property, unhandled, query });
}

// ---- Actions

// `start` begins what the event is for; its promise, if it is one, is the event's own if it is the
// `whole` of it. `unhandled`: its failure is for the user to know.
function act(ev, owner, property, start, unhandled = true, whole = true) {
  current = ev;
  const finish = (ok) => whole && done.push(stringify(record({ ev, ok })));
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
  learn,
  event({ ev, w, p, row }) {
    act(ev, w, p, () => {
      const widget = entityAt(w, Widget);
      widget.noteRow();
      return inOrder(widget.actions(p, row));
    });
  },
  set({ set }) {
    for (const [path, name, value] of set) entityAt(path, Widget).post(name, value);
  },
  files({ files }) {
    for (const [id, data] of Object.entries(files)) contentOf(id).write(deepFreeze(data ?? undefined));
  },
  // A page shows without what its load could not get: that is for the log, not for the visitor.
  run({ ev, q, params, load }) {
    act(ev, q, "run", () => entityAt(q, Query).load(params ?? {}), !load);
  },
  call({ ev, w, p, args, load }) {
    const start = () => {
      const script = entityAt(w, Script);
      script.load();
      if (!script.functions.has(p)) throw new Error(`${w} has no function ${p}`);
      const { instance } = script.scope;
      // What a script module exports takes what it is not given from the inputs.
      const exported = instance?.main === w && Object.hasOwn(instance.parameters, p);
      return (exported ? instance.function(p) : script.functions.get(p).run)(...(args ?? []));
    };
    act(ev, w, p, start, !load);
  },
  result: answered,
  reset({ w }) {
    resetTree(entityAt(w, Widget), true);
  },
  evaluate({ name, values }) {
    results.push([name, evaluate(name, values ?? {})]);
  },
  restore({ state }) {
    toRestore = state;
  },
  tick: ticked,
};

// Over the given values alone: no entity and no framework name is in sight.
function evaluate(name, values) {
  try {
    if (!Object.hasOwn(evaluations, name)) throw new Error(`there is no evaluation ${name}`);
    deepFreeze(values);
    const own = (key) => (Object.hasOwn(values, key) ? values[key] : undefined);
    const compute = evaluator(evaluations[name].value, (chunk) => factories[chunk](...chunkNames[chunk].map(own)));
    return jsonOut(compute(undefined));
  } catch (error) {
    reportFailure(error, null, name);
    return "null";
  }
}

// ---- The end of a turn

const patch = new Map(); // path → property → JSON text
const gone = new Set(); // paths of widgets whose row is no more; one of the same path may follow, in `patch`

function flush() {
  for (let at = 0; at < changedProperties.length; at++) {
    const property = changedProperties[at];
    property.queued = false;
    refresh(property);
  }
  changedProperties.length = 0;
}

// A binding that fails leaves its property empty, and says so once for each way of failing. What
// nobody outside sees is computed when somebody inside reads it.
function refresh(property) {
  const { widget, name, source, inner } = property;
  if (widget.gone) return;
  if (name === widget.type.rows) widget.rows.update(asList(source.read()));
  if (inner && source.stale) return;
  const value = source.read();
  let error = source instanceof Computed ? source.error : null;
  let text = "null";
  if (error === null && !inner) {
    try {
      // What counts as true is JavaScript's to say: an empty list does.
      text = jsonOut(widget.type.flags?.includes(name) ? Boolean(value) : value);
    } catch (cause) {
      error = describe(cause);
    }
  }
  complain(property, [...(error === null ? [] : [[name, error]]), ...(source.complaints ?? [])]);
  if (inner || text === property.sent) return;
  property.sent = text;
  const changes = patch.get(widget.path) ?? new Map();
  patch.set(widget.path, changes.set(name, text));
}

const asList = (value) => (isArray(value) ? value : []);

// What is wrong now: whatever was not said the last time.
function complain(property, found) {
  if (found.length === 0) {
    property.said = null;
    return;
  }
  const said = new Map(found.map(([part, error]) => [part, json(error)]));
  for (const [part, error] of found) {
    if (property.said?.get(part) !== said.get(part)) report(error, { ev: current, owner: property.widget.path, property: part });
  }
  property.said = said;
}

// Scripts and a snapshot wait for the environment, which comes first.
const BEFORE_START = new Set(["learn", "env", "restore"]);

function start() {
  if (started) return;
  started = true;
  for (const script of scripts) script.load();
  if (toRestore !== null) restore(toRestore);
  for (const instance of instances.values()) if (instance.kind === "ui") instance.watch(entities.get(instance.path));
}

function drain() {
  start();
  flush();
  const answer = jsonObject([
    ["patch", jsonObject([...patch].map(([path, changes]) => [path, jsonObject([...changes])]))],
    ["gone", json([...gone])],
    ["effects", jsonList(effects)],
    ["errors", jsonList(errors)],
    ["logs", jsonList(logs)],
    ["done", jsonList(done)],
    ["results", jsonObject(results)],
    ["open", json(pending.size)],
    ["timers", json(timers.size)],
  ]);
  patch.clear();
  gone.clear();
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
  for (const [path, cells] of waiting) for (const [name, value] of cells) keepValue(kept, path, name, value);
  return stringify(record(kept));
}

function* cellsOf(entity) {
  if (entity instanceof Widget) {
    for (const [name, { source }] of [...entity.properties, ...entity.refined]) if (source instanceof Cell) yield [name, source];
  } else if (entity instanceof Script) {
    yield* entity.variables;
    for (const [name, { data }] of entity.functions) yield [`${name}.data`, data];
  }
}

function keepCell(kept, path, name, cell) {
  if (cell.touched) keepValue(kept, path, name, cell.value);
}

function keepValue(kept, path, name, value) {
  const text = encoded(kept, path, name, value);
  if (text !== undefined) (kept.cells[path] ??= Object.create(null))[name] = text;
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

// What the page does not have (any more) is passed over; what stands in a row waits for it.
function restore(state) {
  for (const [path, cells] of Object.entries(state.cells ?? {})) {
    const entity = entities.get(path);
    for (const [name, value] of Object.entries(cells)) {
      if (entity instanceof Widget) restoreProperty(entity, name, decode(value));
      else if (entity instanceof Script) restoreVariable(entity, name, decode(value));
    }
    if (entity === undefined) waiting.set(path, Object.entries(cells).map(([name, value]) => [name, decode(value)]));
  }
  for (const [path, { data, responseMeta }] of Object.entries(state.data ?? {})) {
    const query = entities.get(path);
    if (!(query instanceof Query)) continue;
    query.state.data.write(decode(data));
    query.state.responseMeta.write(deepFreeze(decode(responseMeta)));
    query.automatic?.watch();
  }
}

function restoreProperty(widget, name, value) {
  const property = widget.settable(name);
  if (property !== undefined) widget.override(property, value);
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
  for (const module of definition.modules ?? []) new Instance(module);
  for (const query of definition.queries ?? []) new Query(query);
  scripts = (definition.scripts ?? []).map((script) => new Script(script));
  widgetTypes = definition.types ?? {};
  for (const instance of instances.values()) if (instance.kind !== "ui") new CodeInstance(instance);
  placeAll(definition.widgets ?? []);
}

// The inputs of a message are applied one by one, so that all microtasks of one run before the next.
function begin(text) {
  const message = parse(text);
  now = message.now;
  inputs = message.inputs;
  refill(message.random);
  turns += 1;
  return inputs.length;
}

function step() {
  const input = inputs.shift();
  current = input.ev ?? null;
  if (!BEFORE_START.has(input.k)) start();
  if (!Object.hasOwn(handlers, input.k)) throw new Error("unknown input");
  try {
    handlers[input.k](input);
  } catch (error) {
    reportFailure(error, input.w ?? null, input.p ?? null);
  }
  return fault;
}

// After the microtasks of an input: what hangs on what it changed, whose microtasks come next. Says
// whether there was any, as that may have changed more.
function settle() {
  sweep();
  const ran = noticeOutputs();
  rerunQueries();
  return fault === OK ? Number(ran) : fault;
}

function finish() {
  const answer = drain();
  return fault === OK ? flat(answer) : fault;
}
