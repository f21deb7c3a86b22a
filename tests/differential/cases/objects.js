// Objects, destructuring, spread, optional parts.
Object.keys(getOrder.data)
Object.values(getOrder.data.lines[0])
Object.entries({ b: 1, a: 2, 1: "x" })
Object.fromEntries(Object.entries({ a: 1, b: 2 }).map(([key, value]) => [key, value * 2]))
Object.assign({}, { a: 1 }, null, { b: 2 })
({ ...getOrder.data, lines: undefined, extra: true })
({ ...null, ...undefined, ...[7, 8] })
(({ id, customer: { name, phone = "none" }, ...rest }) => ({ id, name, phone, rest: Object.keys(rest) }))(getOrder.data)
(([first, , third = "x", ...others]) => [first, third, others])([1, 2, undefined, 4, 5])
(() => { let a = 1, b = 2; [a, b] = [b, a]; return [a, b]; })()
(({ a: { b: [c] = [] } = {} }) => c)({})
getOrder.data?.customer?.address?.city
getOrder.data.customer.address?.city ?? "unknown"
getOrder.data.missing?.deep.deeper.deepest
getOrder.data.lines?.[1]?.sku
getOrder.data.nothing?.()
getOrder?.["data"]?.["customer"]?.name
appsmith.store.nothing?.length ?? 0
(null ?? undefined ?? 0) + (0 || 5) + ("" ?? "kept")
(() => { const o = { a: null, b: 0, c: 1 }; o.a ??= "set"; o.b ||= "or"; o.c &&= "and"; return o; })()
delete { a: 1 }.a
(() => { const o = { a: 1, b: 2 }; delete o.a; return ["a" in o, "b" in o, Object.keys(o)]; })()
({ ["k" + 1]: 1, short: undefined, "a-b": null })
(() => { const id = 5, name = "n"; return { id, name, get double() { return this.id * 2; }, method() { return this.name; } }.double; })()
(() => { const o = { n: 1, inc() { this.n++; return this; } }; return o.inc().inc().n; })()
JSON.stringify({ a: undefined, b: () => 1, c: null, d: NaN, e: [undefined], f: Infinity })
JSON.stringify(getOrder.data, null, 2)
JSON.stringify({ a: 1, b: { a: 2 } }, ["a"])
JSON.stringify({ a: 5, b: "x" }, (key, value) => (typeof value === "number" ? value * 2 : value))
JSON.stringify("ä\n\"\u2028") + JSON.stringify("\ud800")
JSON.stringify({ toJSON: () => "own" }) + JSON.stringify(new Date(0)) + JSON.stringify(undefined)
JSON.parse('{"a":[1,{"b":null}],"c":"\\u00e4"}')
JSON.parse("[1,2]", (key, value) => (Array.isArray(value) ? value : value + 1))
JSON.parse('{"__proto__": 1}').__proto__
JSON.parse(JSON.stringify({ d: new Date(0), u: undefined, n: 1 }))
structuredClone({ d: new Date(5), l: [1, { m: 2 }] })
Object.freeze({ a: 1 }) && Object.isFrozen(Object.freeze({}))
Object.getOwnPropertyNames("ab")
({}).hasOwnProperty.call({ a: 1 }, "a") && Object.hasOwn({ a: 1 }, "a") && !("b" in { a: 1 })
typeof null + typeof undefined + typeof (() => 1) + typeof 1n + typeof Symbol() + typeof [] + typeof "" + typeof notDefinedAnywhere
({}).toString() + [] + {} + [null] + [[1], [2]]
[1, 2] == "1,2" && null == undefined && !(null == 0) && "" == 0
Object.is(NaN, NaN) && !Object.is(0, -0)
[..."mississippi"].reduce((counts, letter) => counts.set(letter, (counts.get(letter) ?? 0) + 1), new Map()).get("s")
[...new Set([3, 1, 3])]
[...new Map([["a", 1], ["b", 2]]).keys()]
new Set([..."abca"]).size
new Map(Object.entries({ a: 1 })).has("a")
Object.entries(getOrder.data.totals).sort(([, one], [, other]) => other - one)[0]
Object.keys(appsmith.store).sort()
appsmith.store.cart.reduce((sum, item) => sum + item.price * item.count, 0)
appsmith.store.user.roles.includes("admin") ? "Admin" : "User"
appsmith.URL.queryParams.id
appsmith.URL.fullPath.split("?")[0]
Object.keys(appsmith.URL.queryParams)
getUsers.responseMeta.statusCode === "200 OK" && getUsers.responseMeta.isExecutionSuccess
getUsers.isLoading
AgreeBox.isChecked ? NameInput.text : "no"
parseFloat(AmountInput.text) * 2
NameInput.isRequired + "," + NameInput.isVisible + "," + NameInput.isValid
