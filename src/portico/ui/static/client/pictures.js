// Pictures: zoom and rotation. They are looks, which nobody but the user of the page has to know; an answer
// leaves them alone, another picture begins anew.

const looks = new WeakMap(); // what is around a picture and its tools → { zoom, turn, width, height }
const TURNED = new MutationObserver((changes) => {
  for (const around of new Set(changes.map(({ target }) => target.closest(".picture")))) if (looks.has(around)) draw(around);
});
const ATTRIBUTES = { subtree: true, attributeFilter: ["style", "tabindex", "aria-disabled"] };

document.addEventListener("click", (event) => {
  const tool = event.target.closest("[data-zoom], [data-turn]");
  const around = tool?.closest(".picture");
  if (!around || tool.ariaDisabled === "true") return;
  const { offsetWidth: width, offsetHeight: height } = around.querySelector("img");
  const now = looks.get(around) ?? { zoom: 1, turn: 0, width, height };
  const most = Number(around.dataset.most);
  const zoom = Math.min(Math.max(now.zoom * Number(tool.dataset.zoom ?? 1), 1), most);
  const turn = now.turn + Number(tool.dataset.turn ?? 0);
  if (!looks.has(around)) TURNED.observe(around, ATTRIBUTES);
  looks.set(around, { ...now, zoom, turn });
  draw(around);
  recentre(around.querySelector(".sight"), zoom / now.zoom);
  around.querySelector("[role=status]").textContent = tool.dataset.zoom
    ? `Zoom ${Math.round(zoom * 100)} %`
    : `Rotated by ${((turn % 360) + 360) % 360} degrees`;
});

document.addEventListener("load", ({ target }) => forget(target), true);
let wide = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === wide) return; // phones hide their address bar while the page scrolls
  wide = innerWidth;
  document.querySelectorAll(".picture img").forEach(forget);
});

function forget(image) {
  const around = image.closest?.(".picture");
  if (!looks.has(around)) return;
  looks.set(around, { ...looks.get(around), zoom: 1, turn: 0 });
  draw(around);
  looks.delete(around);
}

function draw(around) {
  const { zoom, turn, width, height } = looks.get(around);
  const sight = around.querySelector(".sight");
  const larger = zoom > 1;
  set(sight, { height: larger && `${height}px`, overflow: larger && "auto" });
  if (larger) sight.tabIndex = 0; // so that arrow keys move it
  else sight.removeAttribute("tabindex");
  set(around.querySelector("img"), {
    width: larger && `${width * zoom}px`,
    height: larger && `${height * zoom}px`,
    "max-width": larger && "none",
    "max-height": larger && "none",
    rotate: turn && `${turn}deg`,
    scale: turn % 180 && Math.min(width / height, height / width), // lying, it fits into the same place
  });
  for (const tool of around.querySelectorAll("[data-zoom]"))
    tool.ariaDisabled = String(Number(tool.dataset.zoom) > 1 ? zoom >= Number(around.dataset.most) : !larger);
  TURNED.takeRecords(); // our own
}

function set(element, styles) {
  for (const [name, value] of Object.entries(styles)) {
    if (value) element.style.setProperty(name, value);
    else element.style.removeProperty(name);
  }
}

// What was in the middle stays there.
function recentre(sight, times) {
  for (const [start, size] of [["scrollLeft", "clientWidth"], ["scrollTop", "clientHeight"]]) {
    sight[start] = (sight[start] + sight[size] / 2) * times - sight[size] / 2;
  }
}
