// Texts.
NameInput.text.split(" ")
NameInput.text.toUpperCase() + NameInput.text.toLowerCase()
NameInput.text.trim().length
NameInput.text.replace("Ada", "A.")
"a-b-c".replace(/-/g, "+")
"a-b-c".replaceAll("-", "")
"2024-05-06".replace(/(\d+)-(\d+)-(\d+)/, "$3.$2.$1")
"john smith".replace(/\b\w/g, (letter) => letter.toUpperCase())
"x1y22".match(/\d+/g)
"x1y22".match(/(?<letter>[a-z])(?<digit>\d)/).groups.digit
[..."x1y22".matchAll(/[a-z](\d+)/g)].map(([, digits]) => digits)
"none".match(/\d/)
"abc".search(/c/)
"a,b;c".split(/[,;]/)
"abc".split("")
"a1b2".split(/(\d)/)
"padded".padStart(8, "*") + "x".padEnd(3, "ab") + "5".padStart(2, "0")
"abcdef".substring(4, 1) + "abcdef".substr(-3, 2) + "abcdef".slice(2, -1)
"abc".charAt(1) + "abc"[2] + "abc".at(-1) + "abc".charCodeAt(0)
"😀".codePointAt(0).toString(16) + String.fromCodePoint(128512) + String.fromCharCode(65)
"😀".length + [..."😀"].length
"hello".includes("ell") && "hello".startsWith("he") && "hello".endsWith("lo")
"hello".indexOf("l") + "hello".lastIndexOf("l")
"ab".repeat(3)
"  x ".trimStart() + "|" + "  x ".trimEnd() + "|"
"é".normalize("NFD").length
"a" < "b" && "a" > "B" && "10" < "9"
"\u00e4".localeCompare("z") < 0
`${NameInput.text} has ${getUsers.data.length} ${getUsers.data.length === 1 ? "user" : "users"}`
`line one
  line two`
String.raw`a\n${1}`
((strings, ...values) => strings.join("|") + values.join("+"))`a${1}b${2}c`
String(null) + String(undefined) + String([1, [2]]) + String({}) + String(Symbol("s"))
"5" * "2" + "5" - 1
"b" + "a" + +"a" + "a"
encodeURIComponent("a b&c=ä/€") + decodeURIComponent("%E2%82%AC")
encodeURI("https://a.b/c d?e=f&g=ä#h")
escape("ä b") + unescape("%E4")
btoa("user:pass") + atob("aGk=")
JSON.parse(atob("eyJhIjpbMSwyXX0=")).a
"tEST".charAt(0).toUpperCase() + "tEST".slice(1).toLowerCase()
"The quick brown fox".split(" ").map((word) => word[0]).join("")
"a@b.co".match(/^[^@\s]+@[^@\s]+\.[^@\s]+$/) !== null
/^(?=.*[A-Z])(?=.*\d).{8,}$/.test("Passw0rd!")
/(?<!\$)\b\d+/.exec("$5 and 7")?.[0]
/a.c/s.test("a\nc") && /^b/m.test("a\nb")
/\p{Lu}/u.exec("aÄ")[0]
(() => { const re = /o/g; return [re.test("foo"), re.lastIndex, re.test("foo"), re.test("foo")]; })()
"camelCaseText".replace(/([A-Z])/g, " $1").toLowerCase()
"a\tb\\c\"d'e".length
"abc".localeCompare("abd") + "a".localeCompare("a")
"x".concat(1, null, undefined)
"\x41\u0042\u{43}"
"Straße".toUpperCase() + "İ".toLowerCase().length
"ab12".split("").filter((sign) => !isNaN(sign)).join("")
isNaN("x") + "," + isNaN("12") + "," + Number.isNaN("x") + "," + isFinite("5")
"1,234.5".replace(/,/g, "") * 1
"a".isWellFormed() + "," + "\ud800".toWellFormed().charCodeAt(0)
