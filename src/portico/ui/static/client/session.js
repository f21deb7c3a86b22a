// Is this page still this visitor's?

const channel = "BroadcastChannel" in window ? new BroadcastChannel("portico." + (page.shared || page.app)) : null;
if (channel) channel.onmessage = () => askAlive(true);

async function sessionStands() {
  const response = await fetch("/_portico/alive?app=" + encodeURIComponent(page.app), { cache: "no-store" });
  if (!response.ok) throw new TypeError("no answer");
  const { session } = await response.json();
  return (session || "") === page.session;
}

async function askAlive(strict) {
  if (page.session === undefined || leaving) return;
  const focused = document.activeElement;
  if (page.session) page.checking = "";
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      if (!(await sessionStands())) return location.reload();
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

// What ends a session elsewhere (another device, the operator, the provider) tells nobody here: a page in sight
// asks now and then, without a sign of it, and one out of sight when it is looked at again.
const LOOK_EVERY = 30000; // ms, and up to a tenth more, so that pages do not ask together
let looks = 0;

function lookAfter() {
  clearTimeout(looks);
  if (!page.session || document.visibilityState !== "visible") return;
  looks = setTimeout(async () => {
    const mine = await sessionStands().catch(() => true);
    if (!mine && !queue.length && !leaving) return location.reload();
    lookAfter();
  }, LOOK_EVERY * (1 + Math.random() / 10));
}
