// Only in `portico dev`: the page after a change of its app is taken over as a whole, with what the user
// typed, chose, focused and scrolled to. The script that hears of changes asks for it (stream.js).

const TYPED = "portico.dev.typed";
const touched = new Set(); // addresses of what the user changed
let renewing = false;

page.visit = visit; // the panel asks for what happens in it

for (const kind of ["input", "change"])
  document.addEventListener(kind, ({ target }) => target.matches(".control[name]") && touched.add(addressOf(target)));
document.addEventListener("portico-renew", (event) => {
  event.preventDefault();
  if (!renewing && !leaving) renew();
});

async function renew() {
  renewing = true;
  while (draining || underWay) await pause(20);
  draining = true; // what the user does from here on goes to the page as it will be
  try {
    const fresh = await fetchPage();
    if (fresh) await takeOver(fresh);
  } catch (error) {
    reportError(error);
    leave(() => location.reload());
  }
  draining = renewing = false;
  if (leaving) return;
  drain();
  document.dispatchEvent(new Event("portico-renewed"));
}

// The page as it is now, or null where only the browser can show what there is instead.
async function fetchPage() {
  for (let wait = 300; ; wait = Math.min(wait * 2, 3000)) {
    try {
      const response = await fetch(location.href, { cache: "no-store" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      if (response.ok && !response.redirected && isLike(fresh)) return fresh;
      leave(() => (response.redirected ? location.replace(response.url) : location.reload()));
      return null;
    } catch {
      await pause(wait, "online");
    }
  }
}

// Whether it is the same page, of the same client, under the same policy: those cannot be changed here.
function isLike(fresh) {
  const marks = (document) => {
    const { app, page } = document.documentElement.dataset;
    const scripts = all("script", document).map((script) => script.getAttribute("src"));
    return [app, page, ...scripts, devTag(document)?.dataset.origins].join("\n");
  };
  return marks(fresh) === marks(document);
}

const devTag = (document) => document.querySelector("script[data-dev]");

async function takeOver(fresh) {
  for (const element of all("noscript", fresh)) element.remove();
  adoptAttributes(fresh.documentElement);
  const lines = await loadFresh(fresh);
  await restyle(fresh);
  for (const id of [...timers.keys()]) stopTimer(id);
  shownAs.clear();
  takeBody(fresh.body);
  document.title = fresh.title;
  devTag(document).dataset.version = devTag(fresh).dataset.version;
  for (const image of all('img[src*="/_files/"]')) image.src = `${image.getAttribute("src").split("#")[0]}#${devTag(fresh).dataset.version}`;
  for (const form of document.forms) form.noValidate = true;
  refresh();
  adoptQuestion();
  for (const alert of all("#alerts .alert", fresh)) toast(alert.textContent, alert.className.slice(6));
  for (const line of lines) show({ ...line, html: {} }, { seen: new Set() });
  if (!lines.length) post(null, "load");
}

function adoptAttributes({ attributes }) {
  for (const { name } of [...root.attributes]) if (name.startsWith("data-")) root.removeAttribute(name);
  for (const { name, value } of attributes) if (name !== "class") root.setAttribute(name, value);
  visit = page.visit ||= newId();
  n = Number(page.n) || 0;
}

// What was typed and chosen is posted to the fresh page before it is shown, so that it comes with the tab
// that is open, and with what depends on the values.
async function loadFresh(fresh) {
  const lines = [];
  try {
    const response = await fetch(location.href, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Portico-Event": "1" },
      body: JSON.stringify({ visit, n: ++n, session: page.session, widget: null, event: "load", values: ours() }),
    });
    for (const line of (await response.text()).split("\n")) if (line.trim()) lines.push(JSON.parse(line));
  } catch {
    return [];
  }
  for (const { html = {} } of lines)
    for (const [path, text] of Object.entries(html)) {
      const element = fresh.getElementById("w." + path);
      if (element) element.outerHTML = text;
    }
  return lines;
}

// What the user changed, and what differs from what the page came with: where the user did nothing, what the
// author changes shows.
function ours() {
  const found = {};
  for (const control of all(".control[name]:enabled")) if (mates(control).some(isOurs)) take(found, control);
  for (const tab of all('[role=tab][aria-selected=true][name^="v."]')) found[addressOf(tab)] = tab.value;
  return found;
}

function isOurs(control) {
  if (touched.has(addressOf(control))) return true;
  if (isBox(control) || control.type === "radio") return control.checked !== control.defaultChecked;
  if (!control.matches("select")) return control.value !== control.defaultValue;
  const options = [...control.options];
  const first = options.find((option) => option.defaultSelected) || options[0];
  return control.value !== first?.value;
}

// New stylesheets are there before the old ones go, and before what they are for is shown.
async function restyle(fresh) {
  const links = (document) => all("link[rel=stylesheet]", document.head);
  const old = links(document);
  const wanted = links(fresh).map((link) => link.getAttribute("href"));
  let next = null;
  const loaded = wanted.reverse().map((href) => {
    const there = old.find((link) => link.getAttribute("href") === href);
    const link = there || make("link", { rel: "stylesheet", href });
    const came = there || new Promise((done) => (link.onload = link.onerror = done));
    if (!there) next ? next.before(link) : old.at(-1).after(link);
    next = link;
    return came;
  });
  await Promise.all(loaded);
  for (const link of old) if (!wanted.includes(link.getAttribute("href"))) link.remove();
  for (const selector of ["link[rel=icon]", "meta[name=color-scheme]"])
    for (const name of ["href", "content"]) {
      const value = fresh.querySelector(selector)?.getAttribute(name);
      if (value) document.querySelector(selector)?.setAttribute(name, value);
    }
}

function takeBody(body) {
  const held = new Set(all(".control[name]").filter(isOurs));
  const picked = [...held].filter((control) => control.matches("select")).map(({ id, value }) => [id, value]);
  const messages = byId("alerts");
  if (messages && messages.parentElement !== document.body) document.body.append(messages);
  const free = (name, element) => /^(value|checked)$/.test(name) && element.matches(".control") && !held.has(element);
  Idiomorph.morph(document.body, [...body.childNodes], {
    morphStyle: "innerHTML",
    callbacks: {
      ...kept,
      beforeNodeMorphed: ({ id }) => id !== "alerts",
      beforeNodeRemoved: ({ localName }) => localName !== "portico-dev",
      beforeAttributeUpdated: (name, element) => free(name, element) || kept.beforeAttributeUpdated(name, element),
    },
  });
  for (const [id, value] of picked) pick(byId(id), value);
  document.body.className = body.className;
}

function leave(go) {
  packTyped();
  leaving = true;
  go();
}

// Over a reload, and while the page is not there, what was typed waits in the tab; secrets do not.
function packTyped() {
  const values = ours();
  for (const control of all("[data-secret]")) delete values[addressOf(control)];
  sessionStorage.setItem(TYPED, JSON.stringify({ at: location.pathname, values }));
}

function unpackTyped() {
  const { at, values } = JSON.parse(sessionStorage.getItem(TYPED)) || {};
  sessionStorage.removeItem(TYPED);
  if (at !== location.pathname) return;
  for (const [address, value] of Object.entries(values)) {
    touched.add(address);
    write(byId("c." + address), value);
  }
  post(null, "load", null, { values });
}
unpackTyped();
