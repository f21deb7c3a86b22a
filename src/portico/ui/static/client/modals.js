// Modals: dialogs that the server opens and closes. Here they hold the focus, and hear of Escape and of
// clicks beside them; both press the button that closes, which is an event like any other.

const openers = new Map(); // dialog → what had the focus before it

function adoptModals() {
  for (const dialog of all("dialog[data-modal]:not(:modal)")) {
    if (!openers.has(dialog)) {
      openers.set(dialog, document.activeElement);
      listenTo(dialog);
    }
    dialog.removeAttribute("open");
    dialog.showModal();
    dialog.querySelector(".modal-body :is(input, select, textarea):not(:disabled)")?.focus();
  }
  for (const [dialog, opener] of openers) {
    if (dialog.isConnected) continue;
    openers.delete(dialog);
    if (document.activeElement === document.body) byId(opener.id)?.focus();
  }
  // What is not inside the uppermost dialog can neither be seen nor clicked.
  const place = all("dialog[data-modal]:modal").at(-1) || document.body;
  const messages = byId("alerts");
  if (messages && messages.parentElement !== place) place.append(messages);
}

function listenTo(dialog) {
  const closes = (how) => dialog.dataset.modal.split(" ").includes(how);
  const close = () => dialog.querySelector(".modal-head .close").click();
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    if (closes("escape")) close();
  });
  // Browsers close it for good when Escape is pressed a second time.
  dialog.addEventListener("close", () => (closes("escape") ? close() : adoptModals()));
  dialog.addEventListener("pointerdown", (event) => {
    const { left, right, top, bottom } = dialog.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    const outside = event.target === dialog && (x < left || x > right || y < top || y > bottom);
    if (outside && closes("outside")) close();
  });
}
