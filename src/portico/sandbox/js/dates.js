// Date. Time stands still during a turn: it is the message's `now` (hard-cases 20). The engine's own Date knows UTC
// alone; where a program uses dates, `zones.js` makes them those of the visitor's zone.

let now = 0;
let dateArguments = (args) => (args.length === 0 ? [now] : args);
let parseDate = NativeDate.parse;

function TurnDate(...args) {
  if (new.target === undefined) return new NativeDate(now).toString();
  return Reflect.construct(NativeDate, dateArguments(args), new.target);
}

for (const [name, value] of [["parse", (text) => parseDate(String(text))], ["UTC", NativeDate.UTC], ["now", () => now]]) {
  defineProperty(TurnDate, name, { value, writable: true, configurable: true });
}
defineProperty(TurnDate, "name", { value: "Date" });
defineProperty(TurnDate, "length", { value: 7 });
defineProperty(TurnDate, "prototype", { value: NativeDate.prototype, writable: false });
defineProperty(NativeDate.prototype, "constructor", { value: TurnDate, writable: true, configurable: true });
defineProperty(global, "Date", { value: TurnDate, writable: true, configurable: true });
