// Events: they leave in their order. A quick one is answered before the next leaves; a slow one holds nothing up.

let visit = (page.visit ||= newId());
const queue = [];
const busy = new Set(); // values of the buttons that were pressed
const chosen = new Map(); // what the user chose with a button: address → value
const PATIENCE = 250; // ms that an event waits for the answer to the one before
const AT_ONCE = 6; // events under way
const PASSES = 20; // how often a server is looked for that waits with this page
let n = Number(page.n) || 0;
let underWay = 0;
let draining = false;
let leaving = false;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const isBox = (control) => control.type === "checkbox";
// Boxes whose names begin with `m.` are together one value, a list; radio buttons are one value anyway.
const isList = (control) => control.name.startsWith("m.");
const mates = (control) =>
  isList(control) || control.type === "radio" ? all(`.control[name="${CSS.escape(control.name)}"]`) : [control];

function take(found, control) {
  const address = addressOf(control);
  const { checked, value } = control;
  if (isList(control)) (found[address] ??= []).push(...(checked ? [value] : []));
  else if (control.type === "radio") found[address] = checked ? value : found[address] ?? "";
  else found[address] = isBox(control) ? checked : value;
}

function values() {
  const found = {};
  for (const control of all(".control[name]:enabled")) take(found, control);
  for (const control of all("[data-focus]:enabled")) found[addressOf(control) + ":focus"] = hasFocus(control);
  for (const [address, value] of chosen) found[address] = value;
  return found;
}

// `more` are further fields of the event. What was chosen with a button is posted with it, and then forgotten.
function post(widget, event, button = null, more = {}) {
  const same = (job) => !job.sent && job.widget === widget && job.event === event;
  if (event === "change" && queue.some(same)) return;
  if (event !== "change") flushTyping();
  if (button) busy.add(button.value);
  queue.push({ widget, event, more, button: button && button.value, seen: new Set() });
  mark();
  drain();
}

async function drain() {
  if (draining) return;
  draining = true;
  for (let job; (job = queue.find((one) => !one.sent)) && !leaving; ) {
    job.sent = true;
    const what = { widget: job.widget, event: job.event, values: values(), ...job.more };
    chosen.clear();
    job.body = { visit, n: ++n, session: page.session, ...what };
    underWay++;
    const answered = settle(job);
    await Promise.race([answered, underWay < AT_ONCE ? pause(PATIENCE) : answered]);
  }
  draining = false;
}

async function settle(job) {
  await deliver(job);
  underWay--;
  queue.splice(queue.indexOf(job), 1);
  if (!leaving && !queue.some((other) => other.button === job.button)) busy.delete(job.button);
  if (job.widget) byId("p." + job.widget)?.removeAttribute("aria-busy");
  mark();
}

// Until it is answered, with the same number: the server runs an event once, however often it hears of it.
async function deliver(job) {
  let passes = 0;
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const response = await fetch(location.href, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Portico-Event": "1" },
        body: JSON.stringify(job.body),
        signal: AbortSignal.timeout?.(60000),
      });
      if (response.status === 421) {
        job.body.insists = ++passes >= PASSES;
        await pause(100);
        continue;
      }
      const ours = (response.headers.get("Content-Type") || "").startsWith("application/x-ndjson");
      if (!ours && response.status >= 502 && response.status <= 504) throw new TypeError("a gateway answered");
      if (ours) await read(response, job);
      else toast("Something went wrong. Please reload the page.", "error");
      return offline(false);
    } catch {
      if (leaving) return;
      offline(true);
      await pause(wait, "online");
    }
  }
}

async function read(response, job) {
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  for (let done = false; ; ) {
    const part = await reader.read();
    text += decoder.decode(part.value, { stream: !part.done });
    const lines = text.split("\n");
    text = part.done ? "" : lines.pop();
    for (const line of lines) {
      if (!line.trim()) continue;
      const answer = JSON.parse(line);
      done = Boolean(answer.done);
      try {
        show(answer, job);
      } catch (error) {
        reportError(error); // ours, not the network's: asking again would not help
      }
    }
    if (done) return;
    if (part.done) throw new TypeError("the answer was cut off");
  }
}

// Some time, or until something happens to the window.
const pause = (ms, event) =>
  new Promise((resume) => {
    const timer = setTimeout(go, ms);
    if (event) addEventListener(event, go);
    function go() {
      clearTimeout(timer);
      removeEventListener(event, go);
      resume();
    }
  });

function offline(is) {
  const banner = byId("offline");
  if (!is) return banner?.remove();
  if (banner) return;
  const text = "No connection. What you do is kept and sent when the network is back.";
  const fresh = make("p", { id: "offline", className: "offline" });
  fresh.setAttribute("role", "status");
  document.body.append(fresh);
  fresh.textContent = text; // once it is there, so that it is read out
}
