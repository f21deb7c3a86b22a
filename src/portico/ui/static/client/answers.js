// Answers: what they change on the page, in the order in which the page changed on the server.

const shownAs = new Map(); // path → { version, html } of what it was last given

function show(answer, job) {
  place(answer.html || {}, answer.version);
  for (const [address, value] of Object.entries(answer.values || {})) write(byId("c." + address), value);
  if (answer.title) document.title = answer.title;
  refresh();
  for (const { message, style } of answer.alerts || []) {
    const key = style + message; // a repeated answer says the same again
    if (!job.seen.has(key)) toast(message, style);
    job.seen.add(key);
  }
  const problem = answer.problem;
  if (problem) toast(problem.id ? `${problem.message} (${problem.id})` : problem.message, "error");
  if (answer.focus) focusOn(answer.focus);
  if (answer.session) channel?.postMessage(answer.session);
  perform(answer);
  if (answer.navigate) navigate(answer.navigate);
  else if (answer.ask) ask(answer.ask);
  else if (answer.load && answer.done) setTimeout(post, 150, null, "load");
}

// Answers of events that overlap may come in another order. What is older than what a widget, or one
// around it, shows by now is left out; what inside of it is newer is put back.
function place(html, version) {
  for (const [path, text] of Object.entries(html)) {
    const element = byId("w." + path);
    const around = (other) => other === path || byId("w." + other)?.contains(element);
    const newer = [...shownAs].filter(([, shown]) => shown.version > version);
    if (!element || newer.some(([other]) => around(other))) continue;
    shownAs.set(path, { version, html: text });
    morph(element, text);
    for (const [other, shown] of newer) {
      const inner = byId("w." + other);
      if (inner && byId("w." + path)?.contains(inner)) morph(inner, shown.html);
    }
  }
}

const kept = {
  // What a part of the client put there.
  beforeNodeMorphed: (old) => !old.matches?.("[data-kept]"),
  // What the user typed or revealed is theirs; only `values` may change it.
  beforeAttributeUpdated(name, element) {
    if (name === "value" || name === "checked") return !element.matches(".control");
    if (name === "type") return !element.matches("[data-secret]");
    if (name === "open") return !element.matches("dialog,details");
    return !(element.matches("[data-reveal]") && /^aria-(pressed|label)$/.test(name));
  },
};

// What is for browsers without scripts would be elements there: a button that Enter presses, unseen.
const UNSCRIPTED = /<noscript>[^]*?<\/noscript>/g;

function morph(element, html) {
  const messages = byId("alerts");
  if (element.contains(messages)) document.body.append(messages); // they were in a modal, which may go
  const picked = all("select.control", element).map(({ id, value }) => [id, value]);
  const focused = document.activeElement;
  const row = element.contains(focused) && focused.closest("tr,[data-row]");
  const home = row && row.parentElement.closest("[id]").id;
  Idiomorph.morph(element, html.replace(UNSCRIPTED, ""), { morphStyle: "outerHTML", callbacks: kept });
  // A control of a row that was saved, or is gone.
  if (row && !focused.isConnected) (row.isConnected && row.querySelector(".actions button") || byId(home)?.querySelector(".table-box,:scope > [data-adds]"))?.focus();
  for (const [id, value] of picked) pick(byId(id), value);
}

// What is not offered any more gives way to what the server says.
function pick(select, value) {
  if (!select?.matches("select")) return;
  select.value = value;
  if (select.selectedIndex < 0) select.value = select.querySelector("[selected]")?.value ?? "";
}

function write(control, value) {
  if (control?.matches(".options")) {
    const wanted = [value].flat().map((one) => String(one?.value ?? one));
    for (const box of all(".tick > .control", control)) box.checked = wanted.includes(box.value);
    return;
  }
  if (!control?.matches(".control")) return;
  const text = value === null || value === undefined ? "" : String(value);
  if (control.matches("[data-secret]") && text) return;
  if (isBox(control)) control.checked = value === true;
  else if (control.matches("select")) pick(control, text);
  else if (control.value !== text) control.value = text;
  told.delete(control);
}

function focusOn(path) {
  const inside = "input:not([type=hidden]),select,textarea,button,a[href]";
  const own = byId("c." + path);
  const control = own?.matches(".options") ? own.querySelector("summary," + inside) : own || byId("w." + path)?.querySelector(inside);
  control?.focus();
}

function navigate({ url, target, cookie }) {
  let to;
  try {
    to = new URL(url, location.href);
  } catch {
    return;
  }
  if (!/^(https?|mailto|tel):$/.test(to.protocol)) return;
  if (target === "NEW_WINDOW") return void window.open(to.href, "_blank", "noopener");
  leaving = /^http/.test(to.protocol);
  if (cookie) document.cookie = cookie;
  if (to.origin === location.origin) packAlerts();
  location.assign(to.href);
}
