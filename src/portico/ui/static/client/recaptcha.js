// reCAPTCHA: a press of a button with a key waits for a token of Google's, and takes it along in the hidden
// control beside the button. Only pages with such a button load this, and only this loads Google's script.

const PATIENCE = 15000; // ms for the script, and for a token that asks nobody
const LOST = "reCAPTCHA could not be loaded. Check your connection, and whether something blocks www.google.com; then try again.";
const FAILED = "reCAPTCHA gave no answer. Please try again.";

const proven = new WeakSet(); // buttons whose token has just come
const waiting = new WeakSet(); // buttons that wait for one
const asked = new WeakMap(); // button → what Google calls its V2 check
let loading;

const guarded = (version = "") => [...document.querySelectorAll(`[data-recaptcha${version && `=${version}`}]`)];

document.addEventListener("portico:press", (event) => {
  const button = event.target;
  if (!button.dataset.recaptcha || proven.has(button)) return;
  event.preventDefault();
  if (!waiting.has(button)) prove(button);
});

async function prove(button) {
  let token;
  wait(button, true);
  say(button, "");
  try {
    const google = await load();
    if (button.dataset.recaptcha === "v2") return ask(google, button);
    token = await inTime(google.execute(button.dataset.key, { action: "submit" }), FAILED);
  } catch (error) {
    return say(button, error === LOST ? LOST : FAILED);
  } finally {
    wait(button, false);
  }
  go(button, token);
}

// The user may take as long as they like, or close the check: the next press opens it again.
function ask(google, button) {
  if (!asked.has(button)) {
    const place = document.createElement("div");
    document.body.append(place);
    const fails = () => say(button, FAILED);
    const options = { sitekey: button.dataset.key, size: "invisible", callback: (token) => go(button, token) };
    asked.set(button, google.render(place, { ...options, "error-callback": fails }));
  } else google.reset(asked.get(button)); // a token counts once
  google.execute(asked.get(button));
}

function go(button, token) {
  const control = at("t", button);
  if (!token || !control) return say(button, FAILED);
  control.value = token;
  // Later: a token may be there before the press is over, and a form that is being sent is not sent again.
  setTimeout(() => {
    proven.add(button);
    button.click();
    proven.delete(button);
  });
}

function load() {
  loading ??= inTime(fetchScript(), LOST).catch(() => {
    loading = undefined; // the next press tries again
    throw LOST;
  });
  return loading;
}

// Keys for V3 are named when the script is loaded; checks of V2 are made one by one.
function fetchScript() {
  const key = guarded("v3")[0]?.dataset.key ?? "explicit";
  const script = document.createElement("script");
  script.src = "https://www.google.com/recaptcha/api.js?render=" + encodeURIComponent(key);
  return new Promise((resolve, reject) => {
    script.onload = () => window.grecaptcha?.ready ? window.grecaptcha.ready(() => resolve(window.grecaptcha)) : reject(LOST);
    script.onerror = () => {
      script.remove();
      reject(LOST);
    };
    document.head.append(script);
  });
}

const inTime = (promise, complaint) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE, complaint))]);
const at = (kind, button) => document.getElementById(kind + button.id.slice(1));

function wait(button, is) {
  if (is) waiting.add(button);
  else waiting.delete(button);
  if (is) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
}

function say(button, text) {
  const place = at("e", button);
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
}

// The more it sees of a visit, the better it tells; but the page does not wait for it, and without a button to
// guard it is not asked.
addEventListener("load", () => setTimeout(() => guarded().length && load().catch(() => {})));
