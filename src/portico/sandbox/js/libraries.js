// What a context is told of languages and time zones, and what it does once a library is loaded. The parts of the
// runtime that only some contexts have take these over.

const visitorsLocale = new Cell("en-US");
let learnLocales = () => {};
let learnZones = () => {};
let useZone = () => {};
let equipMoment = () => {};
let equipCryptoJs = () => {};
let refill = () => {}; // what a turn may use up, before its first input

function learn({ zones, locales, digits: ofCurrencies, metazones }) {
  if (zones !== undefined) learnZones(zones);
  if (locales !== undefined) learnLocales(locales, ofCurrencies, metazones);
}

function useLocale(tag) {
  if (tag !== visitorsLocale.value) visitorsLocale.write(tag);
}

function equip(name) {
  if (name === "moment-timezone") equipMoment(global.moment);
  if (name === "crypto-js") equipCryptoJs(global.CryptoJS);
  return OK;
}
