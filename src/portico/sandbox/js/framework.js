// What every snippet sees without defining it: `appsmith`, `auth`, the store, actions, console, time.

// ---- The store: what a tab holds covers what persists (seeds-checklist 2A)

const persistent = new Map();
const session = new Map();
const storeCells = new Map();
const storeKeys = new Cell(0);

const visibleInStore = (key) => (session.has(key) ? session.get(key) : persistent.get(key));

function storeCell(key) {
  if (!storeCells.has(key)) storeCells.set(key, new Cell(visibleInStore(key)));
  return storeCells.get(key);
}

function storeChanged(key) {
  storeCell(key).write(visibleInStore(key));
  storeKeys.notice();
}

function storeNames() {
  storeKeys.read();
  return [...new Set([...persistent.keys(), ...session.keys()])];
}

const storeProxy = present(
  { get: (key) => storeCell(key).readTracked(), names: storeNames },
  (key) => {
    throw new TypeError(`appsmith.store.${String(key)} cannot be assigned; use storeValue`);
  },
);

// The stores as the server has them now. Only keys that differ count as changed.
function replaceStore(kept, values) {
  const before = new Map(kept);
  kept.clear();
  for (const key of keysOf(values ?? {})) kept.set(key, values[key]);
  for (const key of new Set([...before.keys(), ...kept.keys()])) {
    if (json(before.get(key)) === json(kept.get(key)) && before.has(key) === kept.has(key)) {
      if (before.has(key)) kept.set(key, before.get(key));
    } else {
      storeChanged(key);
    }
  }
}

function storeKey(key) {
  if (typeof key === "number") return String(key);
  if (typeof key !== "string" || key === "") throw new TypeError("the key of a stored value must be a text");
  return key;
}

const action = (name, perform) => (...args) => {
  forbidInBinding(name);
  return promised(() => perform(...args));
};

// Undefined removes a key: from both stores, or from the tab's alone if that is what was named.
function storeValue(key, value, persist = true) {
  const name = storeKey(key);
  if (value === undefined) return removeStored(name, persist !== false);
  const text = stringify(unwrap(value));
  if (text === undefined) throw new TypeError(`the value of ${name} cannot be stored`);
  const kept = parse(bounded(text));
  (persist === false ? session : persistent).set(name, kept);
  storeChanged(name);
  emit({ k: "store", key: name, clear: false, persist: persist !== false }, [["value", text]]);
  return {};
}

function removeStored(name, persist) {
  session.delete(name);
  if (persist) persistent.delete(name);
  storeChanged(name);
  emit({ k: "store", key: name, value: null, clear: true, persist });
  return {};
}

function clearStore() {
  const names = storeNames();
  session.clear();
  persistent.clear();
  for (const name of names) storeChanged(name);
  emit({ k: "clearStore" });
  return {};
}

// ---- Navigation and messages

const TARGETS = ["SAME_WINDOW", "NEW_WINDOW"];
const STYLES = ["info", "success", "warning", "error"];

function navigateTo(to, params = {}, target = "SAME_WINDOW") {
  if (typeof to !== "string" || to === "") throw new TypeError("navigateTo needs the name of a page or an address");
  if (!TARGETS.includes(target)) throw new TypeError(`navigateTo: the target must be one of ${TARGETS.join(", ")}`);
  emit({ k: "navigate", to, target }, [["params", isObject(params) ? jsonOut(unwrap(params)) : "{}"]]);
}

function showAlert(message, style = "info") {
  if (typeof message !== "string") throw new TypeError("showAlert: the message must be a text");
  if (!STYLES.includes(style)) throw new TypeError(`showAlert: the style must be one of ${STYLES.join(", ")}`);
  emit({ k: "alert", message, style });
}

// Leads to the app's OpenID provider, or to one that the auth API knows by this name; and back to where a
// signed-in user was to go.
function signIn(options) {
  const provider = options === undefined ? undefined : isObject(options) ? unwrap(options).provider : null;
  if (provider !== undefined && (typeof provider !== "string" || provider === "")) throw new TypeError("auth.signIn takes { provider: name }, or nothing");
  emit({ k: "signIn", provider: provider ?? null });
}

// Ends the session, as the key of the contract does when it is cleared; then on to `url`, else to the entry page.
function logoutUser(url, name = "logoutUser") {
  if (url !== undefined && (typeof url !== "string" || url === "")) throw new TypeError(`${name} needs an address, or nothing`);
  emit({ k: "signOut", to: url ?? null });
}

// ---- Signing in by the app's own word (seed S4): what becomes of it is the server's answer

const CREDENTIALS = {
  token: "a text", refreshToken: "a text", expiresAt: "a date, a text or a number", expiresIn: "a number of seconds",
  uid: "a text or a number", user: "an object",
};
const KINDS = {
  "a text": (value) => typeof value === "string" && value !== "",
  "a date, a text or a number": (value) => value instanceof NativeDate || typeof value === "number" || typeof value === "string",
  "a number of seconds": (value) => typeof value === "number" || (typeof value === "string" && value !== ""),
  "a text or a number": (value) => typeof value === "string" || typeof value === "number",
  "an object": (value) => isObject(value) && !isArray(value),
};

// What is undefined is not given; null is. Who signs in, and with which roles, no script decides.
function credentials(name, fields) {
  const given = unwrap(fields) ?? {};
  if (!isObject(given) || isArray(given)) throw new TypeError(`${name} needs an object`);
  const kept = {};
  for (const key of keysOf(given)) {
    const value = unwrap(given[key]);
    if (value === undefined) continue;
    if (!Object.hasOwn(CREDENTIALS, key)) throw new TypeError(`${name} has no ${key}; it takes ${keysOf(CREDENTIALS).join(", ")}`);
    if (value !== null && !KINDS[CREDENTIALS[key]](value)) throw new TypeError(`${name}: ${key} must be ${CREDENTIALS[key]}`);
    setOwn(kept, key, value);
  }
  return kept;
}

function asked(kind, name, fields) {
  return awaited({ k: kind }, name, [["given", jsonOut(credentials(name, fields))]], () => ({}));
}

// A command that the script waits for; `given` makes what it gets of the answer's value.
function awaited(fields, name, texts = [], given = (value) => value) {
  return new TrackedPromise((resolve, reject) => {
    openRequest(fields, texts, ({ ok, value, message }) => {
      if (ok) return resolve(given(value));
      const error = new Error(message);
      if (value === "cancelled") {
        error.name = "Cancelled";
        cancelled.add(error);
      } else {
        failedQuery.set(error, name);
      }
      reject(error);
    });
  });
}

const signing = {
  logIn: action("auth.logIn", (fields) => asked("logIn", "auth.logIn", fields)),
  update: action("auth.update", (fields) => asked("updateUser", "auth.update", fields)),
  logOut: action("auth.logOut", (to) => logoutUser(to, "auth.logOut")),
};

// ---- The user's own sessions: which there are, and ending them. The server knows whose they are.

const aboutSessions = (act, session = "") => awaited({ k: "sessions", act, session }, `auth.sessions.${act}`);

function endSession(id) {
  if (typeof id !== "string" || id === "") throw new TypeError("auth.sessions.end needs the id of a session");
  return aboutSessions("end", id);
}

const ownSessions = readOnly("auth.sessions", {}, {
  list: action("auth.sessions.list", () => aboutSessions("list")),
  end: action("auth.sessions.end", endSession),
  endOthers: action("auth.sessions.endOthers", () => aboutSessions("endOthers")),
});

// ---- What the browser does with data

function copyToClipboard(data) {
  const value = unwrap(data);
  emit({ k: "copy", text: isObject(value) ? stringify(value, null, 2) : textOf(value) });
}

const isAddress = (text) => /^(https?:\/\/|data:)/i.test(text);

// Text, an address of something, or a value, which becomes its JSON.
function download(data, fileName, fileType) {
  const value = unwrap(data);
  if (value === undefined || value === null) throw new TypeError("download: there are no data");
  if (fileName !== undefined && typeof fileName !== "string") throw new TypeError("download: the name of the file must be a text");
  if (fileType !== undefined && typeof fileType !== "string") throw new TypeError("download: the type of the file must be a text");
  const content = typeof value === "object" ? stringify(value, null, 2) : textOf(value);
  const usual = typeof value === "object" ? "application/json" : "text/plain";
  handOut(content, isAddress(content), fileName || "download", fileType || usual);
}

function handOut(data, address, name, type) {
  emit({ k: "download", data, address, name, type });
}

// ---- appsmith and auth: what the server says about the world, read only

const environment = {
  URL: new Cell(freeze({})),
  currentPageName: new Cell(""),
  user: new Cell(freeze({})),
  theme: new Cell(freeze({})),
  mode: new Cell("VIEW"),
};
const authentication = {
  isLoggedIn: new Cell(false),
  uid: new Cell(null),
  user: new Cell(null),
  roles: new Cell(freeze([])),
  // Sealed: of use in queries of the auth API alone.
  token: new Cell(null),
  refreshToken: new Cell(null),
  expiresAt: new Cell(null),
  // By datasource and name; sealed too, and of use in queries of that datasource alone.
  cookies: new Cell(freeze({})),
  pending: new Cell(null),
};

function readOnly(name, cells, more = {}) {
  const names = () => [...keysOf(cells), ...keysOf(more)];
  const get = (key) => (Object.hasOwn(cells, key) ? cells[key].read() : Object.hasOwn(more, key) ? more[key] : undefined);
  return present({ get, names }, (key) => {
    throw new TypeError(`${name}.${String(key)} cannot be assigned`);
  });
}

// The position is asked of the browser when a script wants it, and then known.
const currentPosition = new Cell(null);

function getCurrentPosition(onSuccess, onError, options) {
  forbidInBinding("appsmith.geolocation.getCurrentPosition");
  const wanted = isObject(options) ? options : {};
  const { enableHighAccuracy = false, timeout = 10_000, maximumAge = 0 } = wanted;
  const answer = ask("position", { options: { enableHighAccuracy: enableHighAccuracy === true, timeout: Number(timeout) || 0, maximumAge: Number(maximumAge) || 0 } });
  return answer.then(
    (position) => {
      currentPosition.write(deepFreeze(position));
      return typeof onSuccess === "function" ? onSuccess(position) : position;
    },
    (error) => {
      if (typeof onError !== "function") throw error;
      return onError(error);
    },
  );
}

const geolocation = readOnly("appsmith.geolocation", { currentPosition }, { getCurrentPosition });

const appsmith = readOnly("appsmith", environment, { store: storeProxy, geolocation });

// It is sent with every event and mostly says the same: what is equal is left alone.
function replaceCell(cell, value) {
  if (json(cell.value) !== json(value)) cell.write(deepFreeze(value));
}

function setEnvironment({ url, page, user, theme, mode, auth, store, zone, locale }) {
  if (zone !== undefined) useZone(zone);
  if (locale !== undefined) useLocale(locale);
  if (url !== undefined) replaceCell(environment.URL, url);
  if (page !== undefined) replaceCell(environment.currentPageName, page);
  if (user !== undefined) replaceCell(environment.user, user);
  if (theme !== undefined) replaceCell(environment.theme, theme);
  if (mode !== undefined) replaceCell(environment.mode, mode);
  if (auth !== undefined) for (const key of keysOf(authentication)) replaceCell(authentication[key], auth[key] ?? null);
  if (store !== undefined) {
    replaceStore(persistent, store.persistent);
    replaceStore(session, store.session);
  }
}

for (const [name, value] of [
  ["appsmith", appsmith],
  ["portico", appsmith],
  ["auth", readOnly("auth", authentication, { ...signing, signIn: action("auth.signIn", signIn), sessions: ownSessions })],
  ["storeValue", action("storeValue", storeValue)],
  ["removeValue", action("removeValue", (key) => removeStored(storeKey(key), true))],
  ["clearStore", action("clearStore", clearStore)],
  ["navigateTo", action("navigateTo", navigateTo)],
  ["showAlert", action("showAlert", showAlert)],
  ["copyToClipboard", action("copyToClipboard", copyToClipboard)],
  ["download", action("download", download)],
  ["logoutUser", action("logoutUser", (url) => logoutUser(url))],
]) {
  frameworkScope.names.set(name, value);
}
