// Over the page while the files of its app have errors: the page behind is of the version before.

let overlay = null;

function showFaults() {
  const found = standing.broken ? [] : faults();
  const about = found.map(({ text }) => text).join("\n");
  if (!found.length) return closeOverlay();
  if (overlay?.about === about || recall(sessionStorage, "dismissed", "") === about) return;
  closeOverlay();
  const title = make("h2", { id: "faults", textContent: `${standing.name} has ${plural(found.length, "error")}` });
  const words = "The page behind this is of the version before. This closes by itself when the files are sound.";
  const close = make("button", { type: "button", textContent: "Close", onclick: () => overlay.close() });
  const list = make("div", { className: "list", tabIndex: 0, attributes: { role: "group", "aria-label": "Errors" } });
  list.append(make("ol", {}, ...found.map(showProblem)));
  overlay = make("dialog", { attributes: { "aria-labelledby": "faults" } }, title, line("", words), list, line("", close));
  overlay.about = about;
  overlay.addEventListener("close", (event) => {
    // By hand: it comes back when the errors are others.
    if (event.target === overlay) remember(sessionStorage, "dismissed", about);
    event.target.remove();
    if (event.target === overlay) overlay = null;
  });
  panel.shadowRoot.append(overlay);
  overlay.showModal();
  close.focus();
}

function closeOverlay() {
  const shown = overlay;
  overlay = null;
  shown?.close();
  if (!faults().length) remember(sessionStorage, "dismissed", "");
}
