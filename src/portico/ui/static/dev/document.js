// Only in `portico dev`: the panel and the overlay of whoever builds the app (docs/design/dev.md).

const tag = document.querySelector("script[data-dev]");
const app = tag.dataset.app;
const root = document.documentElement;

const make = (name, fields = {}, ...inside) => {
  const { attributes = {}, ...rest } = fields;
  const element = Object.assign(document.createElement(name), rest);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside.filter((part) => part !== null && part !== ""));
  return element;
};

// What outlives the page: in the tab, or in the browser. Without storage it does not.
function recall(storage, key, otherwise) {
  try {
    return JSON.parse(storage.getItem("portico.dev." + key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember(storage, key, value) {
  try {
    storage.setItem("portico.dev." + key, JSON.stringify(value));
  } catch {
    return;
  }
}

const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
