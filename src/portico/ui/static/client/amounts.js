// Amounts of money: once one is typed, it is written as the server writes it, with commas and all decimals.

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-decimals]")) return;
  const found = /^([+-]?)(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})?(?:\.(\d{0,20}))?$/.exec(target.value.trim());
  if (!found || !(found[2] || found[3])) return;
  const [, sign, whole = "0", part = ""] = found;
  const bare = whole.replace(/,/g, "").replace(/^0+(?=\d)/, "");
  const kept = part.replace(/0+$/, "").padEnd(Number(target.dataset.decimals), "0");
  target.value = (sign === "-" ? "-" : "") + bare.replace(/\B(?=(\d{3})+$)/g, ",") + (kept && "." + kept);
}, true); // before the value is posted
