// Typing

const typing = new Map(); // path → timer
const told = new WeakSet(); // controls whose message we show

function typed(control) {
  control.removeAttribute("data-broken"); // the server decides anew
  if (told.has(control) || control.getAttribute("aria-invalid")) tell(control);
  holdButtons();
  if (control.dataset.live === undefined) return;
  const path = addressOf(control);
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

// Whether a control has the focus is posted with its value, and when it changes, where code reads it.
const hasFocus = (control) => control === document.activeElement && document.hasFocus();
let focusing;

function focused(control) {
  if (control.dataset?.focus === undefined || leaving) return;
  clearTimeout(focusing); // it often goes from one to another
  focusing = setTimeout(post, 0, addressOf(control) + ":focus", "change");
}

const AUTOFILL = CSS.supports("selector(:autofill)") ? ":autofill" : ":-webkit-autofill";

// What is wrong with a control's value, in words; the same rules hold on the server, which decides.
function wrong(control) {
  if (control.disabled || control.matches(AUTOFILL)) return ""; // what a browser filled in cannot be read yet
  const { regex, error, broken, missing } = control.dataset;
  if (isList(control)) return missing && !mates(control).some(({ checked }) => checked) ? missing : "";
  control.setCustomValidity(control.value && regex && !matches(regex, control.value) ? "Please check this value." : "");
  if (control.validity.valid && broken === undefined) return "";
  if (control.validity.valueMissing) return missing || "Please fill in this field.";
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
  const place = byId("e." + addressOf(control));
  told.add(control);
  if (place) {
    place.textContent = text;
    place.hidden = !text;
  }
  for (const mate of mates(control)) {
    if (text) mate.setAttribute("aria-invalid", "true");
    else mate.removeAttribute("aria-invalid");
  }
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
