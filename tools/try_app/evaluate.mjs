// Evaluates snippets in a context of Node that has what an app's code finds: the state that was told, script objects
// as code, and the libraries. Reads {state, scripts, snippets, told, libraries}, writes a list of what each gives.
import { readFileSync } from "node:fs";
import vm from "node:vm";

const { state, scripts, snippets, told, libraries } = JSON.parse(readFileSync(0, "utf8"));
const context = vm.createContext({ atob, btoa, URL, URLSearchParams, structuredClone });
const run = (code) => vm.runInContext(code, context);

run(`{
  const RealDate = Date, now = ${Number(state.now)};
  globalThis.Date = class Date extends RealDate {
    constructor(...given) { super(...(given.length > 0 ? given : [now])); }
    static now() { return now; }
  };
}`);
for (const file of libraries) run(readFileSync(file, "utf8"));
const revive = run(`(function revive(value) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revive);
  switch (value.$) {
    case undefined: return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, revive(each)]));
    case "undefined": case "deep": return undefined;
    case "NaN": return NaN;
    case "Infinity": return Infinity;
    case "-Infinity": return -Infinity;
    case "bigint": return BigInt(value.v);
    case "date": return new Date(Number(value.v));
    case "moment": return moment(value.v);
    case "promise": return Promise.resolve();
    default: return () => undefined;
  }
})`);
context.$state = vm.runInContext("JSON.parse", context)(JSON.stringify(state.entities));
context.$revive = revive;
context.$scope = run("$revive($state)");
run("$scope.portico = $scope.appsmith");

// Code of the app sees the entities by their names, as its page's scope has them, before anything of the context.
const scoped = (code, before = "return ") => run(`(function () { with ($scope) { ${before}(${code}\n) } })()`);
for (const [name, code] of Object.entries(scripts)) {
  const before = context.$scope[name];
  const object = run(`(function () { with ($scope) { var $$;\n${code}\nreturn $$ } })()`);
  // Its variables have what they have on the page by now.
  for (const key of Object.keys(object)) if (typeof object[key] !== "function") object[key] = before?.[key];
  context.$scope[name] = object;
}
context.$teller = run(`({${told}})`);
const found = snippets.map((snippet) => {
  let made;
  try {
    made = scoped(snippet, "return () => ");
  } catch {
    return JSON.stringify({ $: "unread" });
  }
  context.$made = made;
  return run("$teller.tried($made)");
});
process.stdout.write(JSON.stringify(found));
