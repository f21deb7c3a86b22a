// Intl, last part: what scripts see of it, and the methods of numbers, dates and texts that use it.

// Number, date and collator formatters may be called without `new` (ECMA-402, 15.1.1).
function callable(Class) {
  const constructor = function (...args) {
    return Reflect.construct(Class, args.slice(0, 2), new.target ?? Class);
  };
  return published(Class, Object.setPrototypeOf(constructor, Class));
}

function published(Class, constructor = Class) {
  defineProperty(constructor, "name", { value: Class.name });
  if (constructor !== Class) {
    defineProperty(constructor, "prototype", { value: Class.prototype, writable: false });
    defineProperty(constructor, "length", { value: 0 });
    defineProperty(Class.prototype, "constructor", { value: constructor, writable: true, configurable: true });
  }
  defineProperty(Class.prototype, Symbol.toStringTag, { value: `Intl.${Class.name}`, configurable: true });
  return constructor;
}

const ofNumbers = (locales, options) => remembered("n", locales, options, () => new NumberFormat(locales, options));

function methodOf(prototype, name, method) {
  defineProperty(method, "name", { value: name });
  defineProperty(prototype, name, { value: method, writable: true, enumerable: false, configurable: true });
}

const numberOf = Number.prototype.valueOf, bigintOf = BigInt.prototype.valueOf;
methodOf(Number.prototype, "toLocaleString", function (locales, options) {
  return ofNumbers(locales, options).format(apply(numberOf, this, []));
});
methodOf(BigInt.prototype, "toLocaleString", function (locales, options) {
  return ofNumbers(locales, options).format(apply(bigintOf, this, []));
});

for (const [name, required, defaults] of [["toLocaleString", "any", "all"], ["toLocaleDateString", "date", "date"], ["toLocaleTimeString", "time", "time"]]) {
  methodOf(DatePrototype, name, function (locales, options) {
    const time = apply(timeOf, this, []);
    const formatter = remembered(name, locales, options, () => new DateTimeFormat(locales, options, required, defaults));
    return time !== time ? "Invalid Date" : formatter.format(time);
  });
}

methodOf(String.prototype, "localeCompare", function (other, locales, options) {
  if (this === undefined || this === null) throw new TypeError("String.prototype.localeCompare called on null or undefined");
  return remembered("c", locales, options, () => new Collator(locales, options)).compare(String(this), String(other));
});

// Lists of these give each value its own chance, as the engine's own method does, but with locale and options.
methodOf(Array.prototype, "toLocaleString", function (locales, options) {
  return Array.from(this, (value) => (value === undefined || value === null ? "" : String(value.toLocaleString(locales, options)))).join(",");
});

const IntlObject = {};
for (const [name, value] of Object.entries({
  getCanonicalLocales: (locales) => canonicalLocales(locales),
  Collator: callable(Collator),
  DateTimeFormat: callable(DateTimeFormat),
  ListFormat: published(ListFormat),
  Locale: IntlLocale,
  NumberFormat: callable(NumberFormat),
  PluralRules: published(PluralRules),
  RelativeTimeFormat: published(RelativeTimeFormat),
})) {
  defineProperty(IntlObject, name, { value, writable: true, configurable: true });
}
defineProperty(IntlLocale, "name", { value: "Locale" });
defineProperty(IntlObject, Symbol.toStringTag, { value: "Intl", configurable: true });
defineProperty(global, "Intl", { value: IntlObject, writable: true, configurable: true });
