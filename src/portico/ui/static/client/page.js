// The client: posts events, shows answers, keeps what was typed (docs/design/events.md).
// Everything on a page works without it; it makes it quick and lively.
import { Idiomorph } from "./idiomorph.js";

const root = document.documentElement;
const page = root.dataset;
const byId = (id) => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const addressOf = (control) => control.getAttribute("name").slice(2);
const make = (tag, fields = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), fields);
  element.append(...inside);
  return element;
};

// What only the browser knows of the address: taken out at once, as it may hold tokens (hard-cases 13).
const fragment = takeFragment();

function takeFragment() {
  const found = location.hash;
  const secret = /[#&](access_token|refresh_token|id_token|provider_token|token|code)=/.test(found);
  if (found.length < 2 || !(secret || page.fragment !== undefined)) return "";
  history.replaceState(history.state, "", location.pathname + location.search);
  return found;
}
