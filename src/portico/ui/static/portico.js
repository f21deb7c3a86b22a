// The client: posts events, shows answers, keeps what was typed (docs/design/events.md).
// Everything on a page works without it; it makes it quick and lively.
import { Idiomorph } from "./idiomorph.js";

const root = document.documentElement;
const page = root.dataset;
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const pathOf = (control) => control.getAttribute("name").slice(2);

// Events, one after another

const visit = page.visit || newId();
const queue = [];
const busy = new Set(); // values of the buttons that were pressed
const chosen = new Map(); // tabs the user chose
let n = Number(page.n) || 0;
let draining = false;
let leaving = false;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

const isBox = (control) => control.type === "checkbox";

function values() {
  const found = {};
  for (const control of all(".control[name]:enabled")) found[pathOf(control)] = isBox(control) ? control.checked : control.value;
  for (const [path, tab] of chosen) if (byId("p." + path)) found[path] = tab;
  return found;
}

function post(widget, event, button = null) {
  const same = (job) => !job.body && job.widget === widget && job.event === event;
  if (event === "change" && queue.some(same)) return;
  if (event !== "change") flushTyping();
  if (button) busy.add(button.value);
  queue.push({ widget, event, button: button && button.value, seen: new Set() });
  mark();
  drain();
}

async function drain() {
  if (draining) return;
  draining = true;
  while (queue.length && !leaving) {
    const job = queue[0];
    const what = { widget: job.widget, event: job.event, values: values(), row: null };
    job.body = JSON.stringify({ visit, n: ++n, session: page.session, ...what });
    await deliver(job);
    queue.shift();
    if (!leaving) busy.delete(job.button);
    byId("p." + job.widget)?.removeAttribute("aria-busy");
    mark();
  }
  draining = false;
}

// Until it is answered, with the same number: the server runs an event once, however often it hears of it.
async function deliver(job) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const response = await fetch(location.href, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Portico-Event": "1" },
        body: job.body,
        signal: AbortSignal.timeout?.(60000),
      });
      const ours = (response.headers.get("Content-Type") || "").startsWith("application/x-ndjson");
      if (!ours && response.status >= 502 && response.status <= 504) throw new TypeError("a gateway answered");
      if (ours) await read(response, job);
      else toast("Something went wrong. Please reload the page.", "error");
      return offline(false);
    } catch {
      if (leaving) return;
      offline(true);
      await pause(wait);
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

const pause = (ms) =>
  new Promise((resume) => {
    const timer = setTimeout(go, ms);
    addEventListener("online", go);
    function go() {
      clearTimeout(timer);
      removeEventListener("online", go);
      resume();
    }
  });

function offline(is) {
  let banner = byId("offline");
  if (!is) return banner?.remove();
  if (banner) return;
  banner = document.createElement("p");
  banner.id = "offline";
  banner.className = "offline";
  banner.setAttribute("role", "status");
  document.body.append(banner);
  banner.textContent = "No connection. What you do is kept and sent when the network is back.";
}

// Answers

function show(answer, job) {
  for (const [path, html] of Object.entries(answer.html || {})) morph(byId("w." + path), html);
  for (const [path, value] of Object.entries(answer.values || {})) write(byId("c." + path), value);
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
  if (answer.navigate) navigate(answer.navigate);
  else if (answer.load && answer.done) setTimeout(post, 150, null, "load");
}

const kept = {
  // What the user typed or revealed is theirs; only `values` may change it.
  beforeAttributeUpdated(name, element) {
    if (name === "value" || name === "checked") return !element.matches(".control");
    if (name === "type") return !element.matches("[data-secret]");
    return !(element.matches("[data-reveal]") && /^aria-(pressed|label)$/.test(name));
  },
};

function morph(element, html) {
  if (!element) return;
  const picked = all("select.control", element).map(({ id, value }) => [id, value]);
  Idiomorph.morph(element, html, { morphStyle: "outerHTML", callbacks: kept });
  for (const [id, value] of picked) pick(byId(id), value);
}

// What is not offered any more gives way to what the server says.
function pick(select, value) {
  if (!select?.matches("select")) return;
  select.value = value;
  if (select.selectedIndex < 0) select.value = select.querySelector("[selected]")?.value ?? "";
}

function write(control, value) {
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
  const control = byId("c." + path) || byId("w." + path)?.querySelector(inside);
  control?.focus();
}

function navigate({ url, target }) {
  let to;
  try {
    to = new URL(url, location.href);
  } catch {
    return;
  }
  if (!/^(https?|mailto|tel):$/.test(to.protocol)) return;
  if (target === "NEW_WINDOW") return void window.open(to.href, "_blank", "noopener");
  leaving = /^http/.test(to.protocol);
  if (to.origin === location.origin) packAlerts();
  location.assign(to.href);
}

// Alerts: five seconds, wherever they are seen

const LIFE = 5000;
const alerts = new Map(); // element → when it goes

function toast(message, style = "info", life = LIFE) {
  const element = document.createElement("div");
  element.className = "alert " + (["success", "warning", "error"].includes(style) ? style : "info");
  element.textContent = message;
  const role = style === "error" || style === "warning" ? "alert" : "status";
  document.querySelector(`#alerts [role=${role}]`)?.append(element);
  hold(element, life);
}

function hold(element, life) {
  const text = document.createElement("span");
  text.append(...element.childNodes);
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", "Dismiss");
  element.append(text, close);
  let timer;
  let left = life;
  const go = () => {
    clearTimeout(timer);
    alerts.delete(element);
    element.remove();
  };
  const run = () => {
    clearTimeout(timer);
    alerts.set(element, Date.now() + left);
    timer = setTimeout(go, left);
  };
  const stop = () => {
    clearTimeout(timer);
    left = Math.max(alerts.get(element) - Date.now(), 500);
  };
  close.addEventListener("click", go);
  for (const event of ["mouseenter", "focusin"]) element.addEventListener(event, stop);
  for (const event of ["mouseleave", "focusout"]) element.addEventListener(event, run);
  run();
}

// What a new action sets out to do makes the complaints about the one before it stale.
function dismissComplaints() {
  for (const element of [...alerts.keys()])
    if (element.matches(".error, .warning")) element.querySelector("button").click();
}

function packAlerts() {
  const packed = [...alerts].map(([element, until]) => [
    element.firstChild.textContent,
    element.className.slice(6),
    until,
  ]);
  try {
    sessionStorage.setItem("portico.alerts", JSON.stringify(packed));
  } catch {
    // Without storage they end here.
  }
}

function unpackAlerts() {
  let packed = [];
  try {
    packed = JSON.parse(sessionStorage.getItem("portico.alerts")) || [];
    sessionStorage.removeItem("portico.alerts");
  } catch {
    return;
  }
  for (const [message, style, until] of packed) {
    const left = until - Date.now();
    if (left > 0 && left <= LIFE) toast(message, style, Math.max(left, 2000));
  }
}

// Typing

const typing = new Map(); // path → timer
const told = new WeakSet(); // controls whose message we show

function typed(control) {
  control.removeAttribute("data-broken"); // the server decides anew
  if (told.has(control) || control.getAttribute("aria-invalid")) tell(control);
  holdButtons();
  if (control.dataset.live === undefined) return;
  const path = pathOf(control);
  clearTimeout(typing.get(path));
  typing.set(path, setTimeout(changed, 300, path));
}

function changed(path) {
  clearTimeout(typing.get(path));
  if (typing.delete(path)) post(path, "change");
}

// An event carries all values: only those whose change is an event itself still have to be told.
function flushTyping() {
  for (const [path, timer] of typing) {
    if (byId("c." + path)?.dataset.live === "event") changed(path);
    clearTimeout(timer);
  }
  typing.clear();
}

const AUTOFILL = CSS.supports("selector(:autofill)") ? ":autofill" : ":-webkit-autofill";

// What is wrong with a control's value, in words; the same rules hold on the server, which decides.
function wrong(control) {
  if (control.disabled || control.matches(AUTOFILL)) return ""; // what a browser filled in cannot be read yet
  const { regex, error, broken } = control.dataset;
  control.setCustomValidity(control.value && regex && !matches(regex, control.value) ? "Please check this value." : "");
  if (control.validity.valid && broken === undefined) return "";
  if (control.validity.valueMissing) return control.dataset.missing || "Please fill in this field.";
  return error || control.validationMessage || "Please check this value.";
}

function matches(regex, value) {
  const parts = /^\/([^]+)\/([a-z]*)$/.exec(regex);
  try {
    return (parts ? new RegExp(parts[1], parts[2]) : new RegExp(regex)).test(value);
  } catch {
    return true;
  }
}

function tell(control) {
  const text = wrong(control);
  const place = byId("e." + pathOf(control));
  told.add(control);
  if (place) {
    place.textContent = text;
    place.hidden = !text;
  }
  if (text) control.setAttribute("aria-invalid", "true");
  else control.removeAttribute("aria-invalid");
  return text;
}

const scopeOf = (element) => element.closest("[data-form]");

function isValid(scope, telling) {
  const bad = all(".control", scope).filter(telling ? tell : wrong);
  if (telling) bad[0]?.focus();
  return !bad.length;
}

function holdButtons() {
  for (const button of all("[data-needs-valid]")) {
    const scope = scopeOf(button);
    if (scope && !isValid(scope, false)) {
      if (!button.disabled) button.disabled = button.dataset.held = true;
    } else if (button.dataset.held) {
      button.disabled = false;
      delete button.dataset.held;
    }
  }
}

// What the page shows besides its HTML

function mark() {
  for (const button of all('[name="portico.event"]')) {
    if (busy.has(button.value)) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

function refresh() {
  mark();
  holdButtons();
  for (const control of all(".control")) if (told.has(control)) tell(control);
  for (const list of all("[role=tablist]")) {
    const tabs = all("[role=tab]", list);
    const current = tabs.find((tab) => tab.ariaSelected === "true") || tabs[0];
    for (const tab of tabs) tab.tabIndex = tab === current ? 0 : -1;
  }
  for (const image of all("img[data-fallback]")) if (image.complete && !image.naturalWidth) fallBack(image);
  for (const element of all(BOUND)) paint(element);
}

function fallBack(image) {
  const instead = image.dataset.fallback;
  if (!instead || image.getAttribute("src") === instead) return;
  image.removeAttribute("data-fallback");
  image.src = instead;
}

const PLAIN = {
  borderColor: "border-color",
  borderWidth: "border-width",
  radius: "border-radius",
  shadow: "box-shadow",
  fontSize: "font-size",
  weight: "font-weight",
  align: "text-align",
};
const BOUND = "[data-color],[data-fill],[data-background]," + Object.keys(PLAIN)
  .map((name) => `[data-${name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase())}]`).join();

function paint(element) {
  const { color, fill, background } = element.dataset;
  const set = (name, value) => element.style.setProperty(name, value);
  for (const [name, property] of Object.entries(PLAIN)) if (element.dataset[name]) set(property, element.dataset[name]);
  if (background && luminance(background) !== null) {
    set("background-color", background);
    element.classList.add(luminance(background) > 0.18 ? "on-light" : "on-dark");
  }
  if (fill && luminance(fill) !== null) {
    for (const name of ["--fill", "--fill-edge", "--fill-strong"]) set(name, fill);
    set("--on-fill", contrast(luminance(fill), 1) >= 4.5 ? "#fff" : "#111");
  }
  // A colour that cannot be read here gives way to the theme's own shade of it.
  if (color && contrast(luminance(color), groundOf(element)) >= 4.5) set("color", color);
}

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function luminance(color) {
  if (!brush || !CSS.supports("color", color)) return null;
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = color;
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
  const linear = (part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return alpha < 128 ? null : 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const contrast = (one, other) => one === null ? 0 : (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

function groundOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const found = luminance(getComputedStyle(at).backgroundColor);
    if (found !== null) return found;
  }
  return 1;
}

// Is this page still this visitor's?

const channel = "BroadcastChannel" in window ? new BroadcastChannel("portico." + page.app) : null;
if (channel) channel.onmessage = () => askAlive(true);

async function askAlive(strict) {
  if (page.session === undefined || leaving) return;
  const focused = document.activeElement;
  if (page.session) page.checking = "";
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const response = await fetch("/_portico/alive?app=" + encodeURIComponent(page.app), { cache: "no-store" });
      if (!response.ok) throw new TypeError("no answer");
      const { session } = await response.json();
      if ((session || "") !== page.session) return location.reload();
      offline(false);
      break;
    } catch {
      offline(true);
      if (!strict) break; // it was in this tab all the time
      await pause(wait);
    }
  }
  delete page.checking;
  if (focused !== document.body) focused?.focus?.({ preventScroll: true });
}

// Listening

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  const button = event.submitter;
  if (button?.name === "portico.event") press(button);
  else if (button?.name.startsWith("v.")) choose(button);
});

function press(button) {
  if (busy.has(button.value)) return;
  const scope = scopeOf(button);
  if (!button.formNoValidate && scope && !isValid(scope, true)) return;
  const [, widget, name] = /^(.*) (\S+)$/.exec(button.value);
  dismissComplaints();
  post(widget, name, button);
}

function choose(tab) {
  const path = pathOf(tab);
  chosen.set(path, tab.value);
  byId("p." + path)?.setAttribute("aria-busy", "true");
  post(path, "change");
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".control")) typed(event.target);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches(".control")) return;
  tell(event.target);
  changed(pathOf(event.target));
});
for (const [kind, name] of [["focusin", "onFocus"], ["focusout", "onBlur"]]) {
  document.addEventListener(kind, (event) => {
    if (!leaving && declares(event.target, name)) post(pathOf(event.target), name);
  });
}

const declares = (control, name) => Boolean(control.dataset?.events?.split(" ").includes(name));

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (target.matches("[role=tab]")) return steer(event);
  if (key !== "Enter" || event.isComposing || !target.matches(".control")) return;
  if (target.matches("textarea") && !event.ctrlKey && !event.metaKey) return;
  if (declares(target, "onSubmit")) {
    event.preventDefault();
    post(pathOf(target), "onSubmit");
  } else if (scopeOf(target)?.querySelector("[type=submit]")?.dataset.held) {
    event.preventDefault();
    isValid(scopeOf(target), true);
  }
});

function steer(event) {
  const tabs = all("[role=tab]", event.target.closest("[role=tablist]"));
  const at = tabs.indexOf(event.target);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  tabs.at(to % tabs.length).focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const control = byId(button.getAttribute("aria-controls"));
  const shown = control.type === "text";
  control.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  control.focus();
});
for (const kind of ["mouseover", "focusin"]) {
  document.addEventListener(kind, (event) => {
    const tip = event.target.closest("[data-widget]")?.querySelector(":scope > .tip");
    if (tip) intoView(tip);
  });
}

// A tip at the edge of the window must not make the page wider.
function intoView(tip) {
  tip.style.translate = "";
  const beyond = tip.getBoundingClientRect().right + 8 - root.clientWidth;
  if (beyond > 0) tip.style.translate = `-${beyond}px`;
}

document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLImageElement) fallBack(event.target);
}, true);

addEventListener("pageshow", (event) => {
  unpackAlerts();
  if (!event.persisted) return;
  leaving = false;
  busy.clear();
  mark();
  askAlive(true);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && !queue.length) askAlive(false);
});

// Start

root.classList.add("js");
for (const form of document.forms) form.noValidate = true;
for (const element of all(".alert")) hold(element, LIFE);
refresh();
for (const ms of [200, 1000, 3000]) setTimeout(holdButtons, ms); // browsers fill in passwords late
if (page.load !== undefined) post(null, "load");
