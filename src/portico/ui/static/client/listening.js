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
  // A part of the client may have something to do first; it presses again then.
  if (!button.dispatchEvent(new CustomEvent("portico:press", { bubbles: true, cancelable: true }))) return;
  const [widget, name, row = null] = button.value.split(" ");
  dismissComplaints();
  post(widget, name, button, { row });
}

// A button that sets a value, such as a tab or the next page of a table.
function choose(button) {
  const address = addressOf(button);
  chosen.set(address, button.value);
  byId("p." + address)?.setAttribute("aria-busy", "true");
  post(address, "change");
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".control")) typed(event.target);
});
document.addEventListener("change", (event) => {
  if (!event.target.matches(".control")) return;
  tell(event.target);
  changed(addressOf(event.target));
});
for (const [kind, ...names] of [["focusin", "onFocus", "onDropdownOpen"], ["focusout", "onBlur", "onDropdownClose"]]) {
  document.addEventListener(kind, (event) => {
    focused(event.target);
    for (const name of names) if (!leaving && declares(event.target, name)) post(addressOf(event.target), name);
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
    post(addressOf(target), "onSubmit");
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
  const row = event.target.closest("[data-picks]");
  // A row of a table is chosen like its button; what is marked to be copied is not.
  if (row && !event.target.closest("a,button,label,.control") && getSelection().isCollapsed) row.querySelector("button").click();
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
  lookAfter();
  if (document.visibilityState === "visible" && !queue.length) askAlive(false);
});
