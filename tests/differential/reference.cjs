// The cases in Node, over plain objects with the same state. Reads {state, cases, libraries} from its input and
// writes {"<case> <zone> <locale>": tagged value, …}. Date reads the state's now, and Intl the wanted locale.
"use strict";
const vm = require("node:vm");
const { state, cases, libraries } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

let locale = "en-US";
const NativeDate = Date;
globalThis.Date = new Proxy(NativeDate, {
  construct: (target, given, by) => Reflect.construct(target, given.length === 0 ? [state.now] : given, by),
  apply: (target) => new target(state.now).toString(),
  get: (target, key, by) => (key === "now" ? () => state.now : Reflect.get(target, key, by)),
});
NativeDate.prototype.constructor = globalThis.Date;

const localised = (prototype, name, at = 0) => {
  const original = prototype[name];
  prototype[name] = function (...given) {
    given[at] ??= locale;
    return original.apply(this, given);
  };
};
for (const prototype of [Number.prototype, BigInt.prototype, Array.prototype]) localised(prototype, "toLocaleString");
for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) localised(NativeDate.prototype, name);
localised(String.prototype, "localeCompare", 1);
for (const name of ["NumberFormat", "DateTimeFormat", "PluralRules", "Collator", "ListFormat", "RelativeTimeFormat"]) {
  Intl[name] = new Proxy(Intl[name], {
    construct: (target, [tag, options], by) => Reflect.construct(target, [tag ?? locale, options], by),
    apply: (target, _, [tag, options]) => Reflect.construct(target, [tag ?? locale, options], target),
  });
}

for (const text of libraries) vm.runInThisContext(text);
const queries = Object.entries(state.queries).map(([name, query]) => [name, { isLoading: false, ...query }]);
Object.assign(globalThis, state.widgets, Object.fromEntries(queries), { appsmith: { store: state.store, URL: state.url } });

const TAGS = ["$date", "$undefined", "$number", "$plain"];

function tagged(value) {
  if (value === undefined) return { $undefined: true };
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (value instanceof NativeDate) return { $date: value.getTime() };
  if (Array.isArray(value)) return Array.from(value, tagged);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.fromEntries(Object.keys(value).map((key) => [key, tagged(value[key])]));
  return Object.keys(value).some((key) => TAGS.includes(key)) ? { $plain: kept } : kept;
}

async function main() {
  const found = {};
  for (const { name, code, zones, locales } of cases) {
    for (const zone of zones) {
      process.env.TZ = zone;
      for (locale of locales) {
        let answer;
        try {
          answer = { value: tagged(await vm.runInThisContext(`(async function () { return (\n${code}\n) })`)()) };
        } catch (error) {
          answer = { error: [error.name, error.message] };
        }
        found[`${name} ${zone} ${locale}`] = answer;
      }
    }
  }
  process.stdout.write(JSON.stringify(found));
}

main();
