// What the panel lists: notes of the server, the newest first, and how each of them looks.

const LISTED = 300;
const notes = { error: [], log: [], query: [], session: [] };
let standing = { run: "", name: null, version: "", since: null, problems: [] };
let cleared = recall(sessionStorage, "cleared", {}); // kind → [run, number] of the last note taken away

function take(note) {
  const [run, until] = cleared[note.kind] || [];
  if (run === standing.run && note.n <= until) return;
  const list = notes[note.kind];
  note.run = standing.run;
  const same = list.find((other) => isSame(note, other));
  if (same) {
    list.splice(list.indexOf(same), 1);
    note.times = note.kind === "error" ? (same.times || 1) + 1 : 1;
  }
  list.unshift(note);
  list.length = Math.min(list.length, LISTED);
}

// An answer takes the place of its call, an error that of itself.
function isSame(one, other) {
  if (one.run === other.run && one.n === other.n) return true;
  if (one.kind === "query") return one.run === other.run && one.id === other.id;
  const fields = ["page", "owner", "property", "place", "text"];
  return one.kind === "error" && fields.every((field) => one[field] === other[field]);
}

function clear(kind) {
  const last = Math.max(0, ...notes[kind].filter(({ run }) => run === standing.run).map(({ n }) => n));
  cleared = { ...cleared, [kind]: [standing.run, last] };
  remember(sessionStorage, "cleared", cleared);
  notes[kind].length = 0;
}

const faults = () => standing.problems.filter(({ severity }) => severity === "error");
const counts = () => ({
  error: standing.problems.length + notes.error.length,
  log: notes.log.length,
  query: notes.query.length,
  session: notes.session.length,
});

const line = (className, ...parts) => make("p", { className }, ...parts);
const word = (className, text) => make("span", { className, textContent: text });
const told = (...parts) => parts.filter(Boolean).join(" · ");
const time = (at) => new Date(at).toLocaleTimeString();

function showProblem({ severity, place, code, message, received, remedy }) {
  return make("li", { className: severity },
    line("head", make("code", { textContent: place }), " ", make("b", { textContent: code })),
    line("", message),
    received === null ? null : line("more", word("label", "received: "), make("code", { textContent: received })),
    remedy === null ? null : line("more", word("label", "fix: "), remedy));
}

const show = {
  error: ({ text, page, owner, property, place, event, at, times }) =>
    make("li", { className: "error" },
      line("head", make("code", { textContent: place || page }), times > 1 ? word("count", `${times}×`) : null),
      line("", text),
      line("more", told(page, [owner, property].filter(Boolean).join("."), event && `in ${event}`, time(at)))),
  log: ({ level, text, page, at }) =>
    make("li", { className: level },
      line("head", word("level", level), word("more", told(page, time(at)))),
      make("pre", { textContent: text })),
  query: ({ query, method, path, status, ok, ms, size, text, event, page, at, id }) =>
    make("li", { className: status === null ? "open" : ok ? "ok" : "error" },
      line("head", word("status", status ?? "running"), make("code", { textContent: `${method} ${path}` })),
      text ? line("", text) : null,
      line("more", told(query, page, event && `in ${event}`, status !== null && `${ms} ms`, size > 0 && bytes(size), time(at), id))),
  session: ({ text, event, at, id }) =>
    make("li", { className: ["denied", "sealed", "end"].includes(event) ? "warn" : "ok" },
      line("", text),
      line("more", told("session " + id, new Date(at).toLocaleString()))),
};

// The timeline of the session that the browser has, the newest first.
function takeSession({ id, entries }) {
  notes.session = entries.map((entry) => ({ ...entry, id })).reverse();
}

const bytes = (size) => (size < 1024 ? `${size} B` : `${(size / 1024).toFixed(1)} KB`);
