// Intl.PluralRules, Intl.ListFormat and Intl.RelativeTimeFormat.

class PluralRules {
  #locale;
  #type;
  #rules;
  #numbers;

  constructor(locales, options) {
    const given = optionsOf(options);
    const { locale, data } = resolveLocale(locales);
    this.#locale = locale;
    this.#type = chosen(given, "type", ["cardinal", "ordinal"], "cardinal");
    this.#rules = this.#type === "ordinal" ? data.ordinals : data.plurals;
    const { minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits, minimumSignificantDigits, maximumSignificantDigits } = given;
    this.#numbers = new NumberFormat(locale, { minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits, minimumSignificantDigits, maximumSignificantDigits });
  }

  select(value) {
    const number = Number(value);
    if (!Number.isFinite(number)) return "other";
    const { whole, fraction } = digitsShownBy(this.#numbers, number);
    return pluralCategory(this.#rules, whole, fraction);
  }

  resolvedOptions() {
    const { minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits } = this.#numbers.resolvedOptions();
    const pluralCategories = [...CATEGORIES.filter((one) => Object.hasOwn(this.#rules, one)), "other"];
    return { locale: this.#locale, type: this.#type, minimumIntegerDigits, minimumFractionDigits, maximumFractionDigits, pluralCategories };
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}

class ListFormat {
  #locale;
  #type;
  #style;
  #patterns;

  constructor(locales, options) {
    const given = optionsOf(options);
    const { locale, data } = resolveLocale(locales);
    this.#locale = locale;
    this.#type = chosen(given, "type", ["conjunction", "disjunction", "unit"], "conjunction");
    this.#style = chosen(given, "style", ["long", "short", "narrow"], "long");
    const name = { conjunction: "standard", disjunction: "or", unit: "unit" }[this.#type];
    const { lists } = data.sections.words;
    this.#patterns = lists[this.#style === "long" ? name : `${name}-${this.#style}`] ?? lists[name];
  }

  format(list) {
    return this.formatToParts(list).map((part) => part.value).join("");
  }

  formatToParts(list) {
    const parts = Array.from(list ?? [], (value) => {
      if (typeof value !== "string") throw new TypeError("Iterable yielded a non-String value");
      return [{ type: "element", value }];
    });
    if (parts.length === 0) return [];
    if (parts.length === 2) return placed(this.#patterns[2], parts);
    let whole = parts.pop();
    for (let pattern = this.#patterns.end; parts.length > 0; pattern = parts.length === 1 ? this.#patterns.start : this.#patterns.middle) {
      whole = placed(pattern, [parts.pop(), whole]);
    }
    return whole;
  }

  resolvedOptions() {
    return { locale: this.#locale, type: this.#type, style: this.#style };
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}

const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

class RelativeTimeFormat {
  #locale;
  #data;
  #style;
  #numeric;
  #numbers;

  constructor(locales, options) {
    const given = optionsOf(options);
    const { locale, data } = resolveLocale(locales);
    this.#locale = locale;
    this.#data = data;
    this.#style = chosen(given, "style", ["long", "short", "narrow"], "long");
    this.#numeric = chosen(given, "numeric", ["always", "auto"], "always");
    this.#numbers = new NumberFormat(locale);
  }

  format(value, unit) {
    return this.formatToParts(value, unit).map((part) => part.value).join("");
  }

  formatToParts(value, unit) {
    const number = Number(value);
    const name = String(unit).replace(/s$/, "");
    if (!UNITS.includes(name)) throw new RangeError(`Invalid unit argument for format() '${unit}'`);
    if (!Number.isFinite(number)) throw new RangeError("Value need to be finite number for Intl.RelativeTimeFormat.prototype.format()");
    const words = this.#data.sections.words.relative[this.#style === "long" ? name : `${name}-${this.#style}`];
    const own = this.#numeric === "auto" ? words.auto[String(number)] : undefined;
    if (own !== undefined) return [{ type: "literal", value: own }];
    const patterns = number < 0 || Object.is(number, -0) ? words.past : words.future;
    const { whole, fraction } = digitsShownBy(this.#numbers, abs(number));
    const pattern = patterns[pluralCategory(this.#data.plurals, whole, fraction)] ?? patterns.other;
    return placed(pattern, [this.#numbers.formatToParts(abs(number)).map((part) => ({ ...part, unit: name }))]);
  }

  resolvedOptions() {
    return { locale: this.#locale, style: this.#style, numeric: this.#numeric, numberingSystem: this.#data.numbers.system };
  }

  static supportedLocalesOf(locales) {
    return supportedLocalesOf(locales);
  }
}
