// Menus and pickers are `details`, which open and close by themselves. Here they close when something else is
// wanted, are steered by arrow keys, stay in sight, and pickers say what is chosen, and find it.

const within = (selector, root = document) => [...root.querySelectorAll(selector)];
const opened = () => within("details.menu[open]");
const drop = (menu) => menu.querySelector(".drop");

function shut(menu, refocus) {
  if (refocus) menu.querySelector("summary").focus();
  menu.open = false;
}

document.addEventListener("click", ({ target }) => {
  if (target.matches("[data-when]")) return; // ours, see below
  for (const menu of opened()) if (!menu.contains(target) || target.closest(".item")) shut(menu, menu.contains(target));
});
document.addEventListener("focusin", ({ target }) => {
  for (const menu of opened()) if (!menu.contains(target)) shut(menu, false);
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    event.preventDefault();
    shut(menu, true);
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  menu.open = true;
  const stops = within(".item:enabled, .drop input:enabled:not([type=hidden])", menu).filter((stop) => stop.checkVisibility());
  const at = stops.indexOf(event.target);
  stops.at((at < 0 && by < 0 ? at : at + by) % stops.length)?.focus();
});

// What opens at the edge of the window must not make the page wider.
document.addEventListener("toggle", ({ target: menu }) => {
  if (!menu.matches("details.menu")) return;
  const button = menu.parentElement.querySelector(`[data-when="${menu.open ? "open" : "closed"}"]`);
  if (button && menu.dataset.was !== String(menu.open)) button.click();
  menu.dataset.was = menu.open;
  if (!menu.open) return;
  drop(menu).style.left = "";
  const { left, right } = drop(menu).getBoundingClientRect();
  const beyond = Math.min(right + 8 - document.documentElement.clientWidth, left - 8);
  if (beyond > 0) drop(menu).style.left = `-${beyond}px`;
}, true);

document.addEventListener("change", ({ target }) => {
  const picker = target.closest(".picker");
  if (!picker || !target.matches(".tick > .control")) return;
  const words = within(".tick > .control:checked", picker).map((box) => box.labels[0]?.textContent.trim());
  const said = picker.querySelector(".picked > span");
  said.textContent = words.join(", ") || said.dataset.none;
  said.classList.toggle("none", !words.length);
});
document.addEventListener("input", ({ target }) => {
  if (!target.matches(".narrow")) return;
  const wanted = target.value.trim().toLowerCase();
  for (const option of within("li", target.closest(".drop"))) option.hidden = !option.textContent.toLowerCase().includes(wanted);
});
