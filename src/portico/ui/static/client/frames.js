// Frames: what they say is posted, if it comes from the origin that stands in them; and that another page, or other
// HTML, stands in one now.

const shown = new WeakMap(); // frame → what it showed last
const WATCHED = { src: "onURLChanged", srcdoc: "onSrcDocChanged" };
const LONGEST = 60000; // characters of a message

const around = (frame) => frame.closest(".w-iframe");

addEventListener("message", ({ source, origin, data }) => {
  const frame = [...document.querySelectorAll(".w-iframe > iframe")].find((one) => one.contentWindow === source);
  const button = frame && around(frame).querySelector("[data-heard]");
  if (!button || button.dataset.heard !== origin) return;
  let text;
  try {
    text = JSON.stringify({ data: data ?? null, origin });
  } catch {
    return; // what is no JSON cannot be posted
  }
  if (text === undefined || text.length > LONGEST) return;
  button.value = text;
  button.click();
});

function look(frame, announce) {
  const now = frame.getAttribute("src") ?? frame.getAttribute("srcdoc");
  const kind = frame.hasAttribute("src") ? "src" : "srcdoc";
  const before = shown.get(frame);
  shown.set(frame, now);
  if (announce && before !== now) around(frame)?.querySelector(`[data-told=${WATCHED[kind]}]`)?.click();
}

const frames = (root) => (root.querySelectorAll ? [...root.querySelectorAll(".w-iframe > iframe")] : []);
for (const frame of frames(document)) look(frame, false);
new MutationObserver((changes) => {
  for (const { type, target, addedNodes } of changes) {
    if (type === "attributes" && target.matches(".w-iframe > iframe")) look(target, true);
    for (const node of addedNodes)
      for (const frame of node.matches?.(".w-iframe > iframe") ? [node] : frames(node)) look(frame, shown.has(frame));
  }
}).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["src", "srcdoc"] });
