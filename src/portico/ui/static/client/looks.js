// What the page shows besides its HTML

function mark() {
  for (const button of all('[name="portico.event"]')) {
    if (busy.has(button.value)) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

function refresh() {
  mark();
  adoptModals();
  holdButtons();
  for (const control of all(".control")) if (told.has(control)) tell(control);
  for (const list of all("[role=tablist]")) {
    const tabs = all("[role=tab]", list);
    const current = tabs.find((tab) => tab.ariaSelected === "true") || tabs[0];
    for (const tab of tabs) tab.tabIndex = tab === current ? 0 : -1;
  }
  for (const image of all("img[data-fallback]")) if (image.complete && !image.naturalWidth) fallBack(image);
  for (const element of all(BOUND)) paint(element);
}

function fallBack(image) {
  const instead = image.dataset.fallback;
  if (!instead || image.getAttribute("src") === instead) return;
  image.removeAttribute("data-fallback");
  image.src = instead;
  image.closest(".picture")?.querySelector("[download]")?.setAttribute("href", instead);
}

const PLAIN = {
  borderColor: "border-color",
  borderWidth: "border-width",
  radius: "border-radius",
  shadow: "box-shadow",
  fontSize: "font-size",
  weight: "font-weight",
  align: "text-align",
};
const BOUND = "[data-color],[data-fill],[data-background]," + Object.keys(PLAIN)
  .map((name) => `[data-${name.replace(/[A-Z]/g, (letter) => "-" + letter.toLowerCase())}]`).join();

function paint(element) {
  const { color, fill, background } = element.dataset;
  const set = (name, value) => element.style.setProperty(name, value);
  for (const [name, property] of Object.entries(PLAIN)) if (element.dataset[name]) set(property, element.dataset[name]);
  if (background && luminance(background) !== null) {
    set("background-color", background);
    element.classList.add(luminance(background) > 0.18 ? "on-light" : "on-dark");
  }
  if (fill && luminance(fill) !== null) {
    for (const name of ["--fill", "--fill-edge", "--fill-strong"]) set(name, fill);
    set("--on-fill", contrast(luminance(fill), 1) >= 4.5 ? "#fff" : "#111");
  }
  // A colour that cannot be read here gives way to the theme's own shade of it.
  if (color && contrast(luminance(color), groundOf(element)) >= 4.5) set("color", color);
}

const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function luminance(color) {
  if (!brush || !CSS.supports("color", color)) return null;
  brush.clearRect(0, 0, 1, 1);
  brush.fillStyle = color;
  brush.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
  const linear = (part) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  return alpha < 128 ? null : 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const contrast = (one, other) => one === null ? 0 : (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);

function groundOf(element) {
  for (let at = element; at; at = at.parentElement) {
    const found = luminance(getComputedStyle(at).backgroundColor);
    if (found !== null) return found;
  }
  return 1;
}
