// What scripts ask of the browser: timers, files, the clipboard, questions.

const timers = new Map(); // id → handle
const SHORTEST = 250; // ms between ticks

function perform({ timers: started = [], stopped = [], files = [], copied = [] }) {
  for (const id of stopped) stopTimer(id);
  for (const timer of started) startTimer(timer);
  for (const file of files) save(file);
  for (const text of copied) copy(text);
}

// A tick is an event like a click. While the page is hidden, and while one is under way, none is due.
function startTimer({ id, ms, repeat }) {
  stopTimer(id);
  const due = () => {
    if (document.hidden) return void timers.set(id, setTimeout(due, SHORTEST));
    if (repeat) timers.set(id, setTimeout(due, Math.max(ms, SHORTEST)));
    else timers.delete(id);
    const waits = queue.some((job) => job.more.timer === id);
    if (!waits && !leaving) post(null, "tick", null, { timer: id });
  };
  timers.set(id, setTimeout(due, Math.max(ms, SHORTEST)));
}

function stopTimer(id) {
  clearTimeout(timers.get(id));
  timers.delete(id);
}

function save({ name, type, text, url }) {
  const made = url === undefined ? URL.createObjectURL(new Blob([text], { type })) : url;
  if (!/^(blob|data|https?):/.test(made)) return;
  const link = make("a", { href: made, download: name, rel: "noopener" });
  document.body.append(link);
  link.click();
  link.remove();
  if (url === undefined) setTimeout(() => URL.revokeObjectURL(made), 60000);
}

// Where the browser does not let us, the user can.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = make("textarea", { readOnly: true, value: text, rows: 4 });
    field.setAttribute("aria-label", "Text to copy");
    openDialog("Copy this text:", field, [["Close", () => {}]]);
    field.select();
  }
}

function ask({ id, about, question, yes, no, options }) {
  const answer = (agreed, more = {}) => post(null, "answer", null, { answer: { to: id, agreed, ...more } });
  if (about === "position") return locate(options, answer);
  openDialog(question, null, [[yes, () => answer(true)], [no, () => answer(false)]]);
}

function locate(options, answer) {
  if (!navigator.geolocation) return answer(false, { reason: "This browser does not know where it is." });
  const numbers = ["latitude", "longitude", "altitude", "accuracy", "altitudeAccuracy", "heading", "speed"];
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => answer(true, { value: { coords: Object.fromEntries(numbers.map((name) => [name, coords[name]])), timestamp } }),
    (error) => answer(false, { reason: error.message || "The position is not available." }),
    options,
  );
}

// A dialog in which one of the choices is taken; closing it takes the last.
function openDialog(text, content, choices) {
  const title = make("p", { id: newId(), textContent: text });
  const row = make("p", { className: "choices" });
  const dialog = make("dialog", { className: "ask" }, title, ...(content ? [content] : []), row);
  dialog.setAttribute("aria-labelledby", title.id);
  let take = choices.at(-1)[1];
  for (const [label, act] of choices) {
    const button = make("button", { type: "button", className: `button ${row.childElementCount ? "secondary" : "primary"}`, textContent: label });
    button.addEventListener("click", () => {
      take = act;
      dialog.close();
    });
    row.append(button);
  }
  dialog.addEventListener("close", () => {
    dialog.remove();
    take();
  });
  document.body.append(dialog);
  // The choice that changes nothing has the focus: a key pressed too often must not agree.
  row.lastElementChild.autofocus = true;
  dialog.showModal();
}

// A question that came with the page: two buttons of a form, which is a dialog where scripts run.
function adoptQuestion() {
  const shown = byId("ask");
  if (!shown) return;
  const [yes, no] = all("button", shown).map((button) => button.textContent);
  const question = shown.querySelector("p").textContent;
  const id = shown.dataset.ask;
  shown.remove();
  ask({ id, about: "confirm", question, yes, no });
}
