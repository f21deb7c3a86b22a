// Is this page still this visitor's?

const channel = "BroadcastChannel" in window ? new BroadcastChannel("portico." + page.app) : null;
if (channel) channel.onmessage = () => askAlive(true);

async function askAlive(strict) {
  if (page.session === undefined || leaving) return;
  const focused = document.activeElement;
  if (page.session) page.checking = "";
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      const response = await fetch("/_portico/alive?app=" + encodeURIComponent(page.app), { cache: "no-store" });
      if (!response.ok) throw new TypeError("no answer");
      const { session } = await response.json();
      if ((session || "") !== page.session) return location.reload();
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
