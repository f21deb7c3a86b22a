// The panel: at the lower edge, closed to a small button. It is there for the keyboard, and remembers itself.

const TABS = { error: "Errors", log: "Logs", query: "Queries", session: "Session" };
const NOTHING = {
  error: "No errors: neither in the files of the app, nor in its scripts on this page.",
  log: "Nothing yet. What scripts write with console.log() comes here.",
  query: "No query has run for this tab yet.",
  session: "Nobody is signed in here. What happens to the session comes here.",
};

class Panel extends HTMLElement {
  state = recall(localStorage, "panel", { open: false, tab: "error" });

  connectedCallback() {
    if (this.shadowRoot) return;
    const shadow = this.attachShadow({ mode: "open" });
    const style = make("link", { rel: "stylesheet", href: new URL("./dev.css", import.meta.url).href });
    this.pill = make("button", { type: "button", className: "pill", onclick: () => this.set({ open: true }, "tab") });
    this.says = make("p", { className: "unseen", attributes: { role: "status" } });
    this.about = make("p", { className: "about" });
    this.tabs = make("div", { className: "tabs", attributes: { role: "tablist", "aria-label": "What to show" } });
    for (const kind of Object.keys(TABS)) this.tabs.append(this.tab(kind));
    this.list = make("div", { className: "list", id: "list", tabIndex: 0, attributes: { role: "tabpanel" } });
    this.empty = make("button", { type: "button", textContent: "Clear", onclick: () => this.clear() });
    const close = make("button", { type: "button", textContent: "Close", onclick: () => this.set({ open: false }, "pill") });
    const bar = make("div", { className: "panel-bar" }, this.tabs, this.about, this.empty, close);
    this.box = make("div", { className: "panel" }, bar, this.list);
    shadow.append(style, make("aside", { attributes: { "aria-label": "Portico dev" } }, this.says, this.pill, this.box));
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    new ResizeObserver(() => this.makeRoom()).observe(this.box);
    style.addEventListener("load", () => this.update());
    this.update();
  }

  tab(kind) {
    const attributes = { role: "tab", "aria-controls": "list" };
    return make("button", { type: "button", id: "tab-" + kind, attributes, onclick: () => this.set({ tab: kind }, "tab") });
  }

  set(change, focus) {
    this.state = { ...this.state, ...change };
    remember(localStorage, "panel", this.state);
    this.render();
    (focus === "pill" ? this.pill : this.shadowRoot.getElementById("tab-" + this.state.tab)).focus();
  }

  clear() {
    clear(this.state.tab);
    this.update();
  }

  pressed(event) {
    if (event.key === "Escape") return this.set({ open: false }, "pill");
    if (!event.target.matches("[role=tab]")) return;
    const kinds = Object.keys(TABS);
    const at = kinds.indexOf(this.state.tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: kinds.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.set({ tab: kinds.at(to % kinds.length) }, "tab");
  }

  // Once for all that comes at the same moment.
  update() {
    this.due ??= requestAnimationFrame(() => {
      this.due = null;
      this.render();
    });
  }

  render() {
    const { open, tab } = this.state;
    const found = counts();
    const wrong = faults().length + notes.error.length;
    const words = wrong ? plural(wrong, "error") : "";
    this.pill.hidden = open;
    this.box.hidden = !open;
    this.pill.classList.toggle("wrong", wrong > 0);
    this.pill.textContent = words ? `Portico dev: ${words}` : "Portico dev";
    if (this.says.textContent !== words) this.says.textContent = words;
    for (const [kind, name] of Object.entries(TABS)) {
      const button = this.shadowRoot.getElementById("tab-" + kind);
      button.textContent = found[kind] ? `${name} ${found[kind]}` : name;
      button.classList.toggle("wrong", kind === "error" && wrong > 0);
      button.ariaSelected = String(kind === tab);
      button.tabIndex = kind === tab ? 0 : -1;
    }
    this.about.textContent = this.lost ? "The server does not answer. Waiting for it." : aboutVersion();
    // What the store holds is not the panel's to clear.
    this.empty.hidden = tab === "session";
    this.list.setAttribute("aria-labelledby", "tab-" + tab);
    const items = [...(tab === "error" ? standing.problems.map(showProblem) : []), ...notes[tab].map(show[tab])];
    this.list.replaceChildren(items.length ? make("ol", {}, ...items) : line("nothing", NOTHING[tab]));
    this.makeRoom();
  }

  // Nothing of the page is out of reach behind it.
  makeRoom() {
    const { height } = (this.state.open ? this.box : this.pill).getBoundingClientRect();
    root.style.paddingBottom = `${Math.ceil(height) + 8}px`;
    // What the page shows at the bottom of the window stands above it.
    root.style.setProperty("--below", `${Math.ceil(height)}px`);
  }
}

function aboutVersion() {
  const { version } = tag.dataset;
  return told(standing.name, version && "version " + version.slice(0, 7), standing.since && "since " + time(standing.since));
}

customElements.define("portico-dev", Panel);
const panel = make("portico-dev");
document.body.append(panel);
