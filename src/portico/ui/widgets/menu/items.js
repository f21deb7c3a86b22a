// Buttons and the items of menus as a page shows them: what is hidden is left out.

// Items that a menu is made of, at most.
const MOST = 500;

const textOf = (value) => {
  if (value === null || value === undefined || typeof value === "function") return "";
  return typeof value === "object" ? JSON.stringify(value) ?? "" : String(value);
};
const listOf = (given) => (Array.isArray(given) ? given.slice(0, MOST).filter((one) => one !== null && typeof one === "object") : []);

// What the author said of each item, with the key that tells it from the others.
function shownOf(key, field) {
  if (!(field("isVisible") ?? true)) return null;
  const said = (name) => textOf(field(name));
  return {
    key,
    label: said("label"),
    icon: said("iconName"),
    side: said("iconAlign"),
    iconColor: said("iconColor"),
    color: said("textColor"),
    ground: said("backgroundColor"),
    off: Boolean(field("isDisabled")),
  };
}

const itemsOf = (given) => listOf(given).map((one) => shownOf(textOf(one.id), (name) => one[name])).filter((one) => one !== null);

function buttonsOf(given) {
  const buttons = listOf(given).map((one) => {
    const shown = shownOf(textOf(one.id), (name) => one[name]);
    const opens = one.buttonType === "MENU";
    return shown && { ...shown, fill: textOf(one.buttonColor), placement: textOf(one.placement), opens, items: opens ? itemsOf(one.menuItems) : [] };
  });
  return buttons.filter((one) => one !== null);
}

// ---- Items that are made of data

function dataOf(given) {
  if (typeof given !== "string") return Array.isArray(given) ? given.slice(0, MOST) : [];
  try {
    return dataOf(JSON.parse(given));
  } catch {
    return [];
  }
}

// A place in the data, and what was there: what is pressed is the item that the user saw, or none.
function keyOf(item, index) {
  let sum = 2166136261;
  for (const char of JSON.stringify(item) ?? "") sum = Math.imul(sum ^ char.codePointAt(0), 16777619) >>> 0;
  return `${index}-${sum.toString(36)}`;
}

const isMade = (self) => self.configureMenuItems !== null && self.configureMenuItems !== undefined;

function madeOf(self, kit) {
  const made = self.configureMenuItems;
  return dataOf(self.sourceData).map((item, index) => shownOf(keyOf(item, index), (name) => {
    if (typeof made[name] !== "function") return made[name];
    try {
      return made[name](item, index);
    } catch (error) {
      kit.complain(`configureMenuItems.${name}`, error);
      return undefined;
    }
  })).filter((one) => one !== null);
}

// The item that was pressed, and its place.
function itemAt(self, key) {
  const data = dataOf(self.sourceData);
  const index = data.findIndex((item, at) => keyOf(item, at) === key);
  if (index < 0) throw new Error("there is no such item in the menu");
  return [data[index], index];
}

return { itemsOf, buttonsOf, isMade, madeOf, itemAt };
