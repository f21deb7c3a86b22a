// What the server tells: how the app stands, and what happens in the visits that this tab has shown.

const VISITS = 20;
let source = null;
let last = ""; // the id of the last note
let renewing = false;
let baseline = tag.dataset.version; // a page that is of no app takes the first version it hears of

function visits() {
  const known = recall(sessionStorage, "visits", []);
  const { visit } = root.dataset;
  if (visit && !known.includes(visit)) known.push(visit);
  remember(sessionStorage, "visits", known.slice(-VISITS));
  return known.slice(-VISITS);
}

// Browsers open few connections to a server, so a tab that nobody sees has none.
function connect() {
  source?.close();
  if (document.hidden) return;
  const query = new URLSearchParams([["app", app], ["after", last], ...visits().map((visit) => ["visit", visit])]);
  source = new EventSource("/_portico/dev/events?" + query);
  source.addEventListener("app", ({ data }) => stand(JSON.parse(data)));
  source.addEventListener("note", ({ data, lastEventId }) => {
    last = lastEventId;
    take(JSON.parse(data));
    panel.update();
  });
  source.addEventListener("session", ({ data }) => {
    takeSession(JSON.parse(data));
    panel.update();
  });
  source.addEventListener("open", () => lose(false));
  source.addEventListener("error", () => {
    lose(true);
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 1000);
  });
}

function lose(is) {
  panel.lost = is;
  panel.update();
}

function stand(now) {
  standing = now;
  baseline ||= now.version;
  panel.update();
  showFaults();
  if ((tag.dataset.version || baseline) !== now.version) renew();
}

// The client of a page takes the new one over; a page without it is loaded again.
function renew() {
  if (renewing) return;
  renewing = !document.dispatchEvent(new Event("portico-renew", { cancelable: true }));
  if (!renewing) location.reload();
}

document.addEventListener("portico-renewed", () => {
  renewing = false;
  connect();
});
document.addEventListener("visibilitychange", connect);
addEventListener("pagehide", () => source?.close());
addEventListener("pageshow", (event) => event.persisted && connect());
connect();
