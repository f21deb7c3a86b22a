// Numbers and Math, and numbers as text.
Number("12.50") + Number("") + Number(" 7 ") + Number(null) + Number(true)
Number("1e3") + Number("0x1f") + Number("0b11")
[Number("12px"), Number(undefined), Number([]), Number([5]), Number({})]
[parseInt("42px"), parseInt("0x1A"), parseInt("101", 2), parseInt(""), parseInt("-3.9")]
[parseFloat("3.14abc"), parseFloat(".5"), parseFloat("-"), parseFloat("1e2x")]
[(1234.5678).toFixed(2), (0.1 + 0.2).toFixed(10), (1.005).toFixed(2), (1e21).toFixed(2), (-1.5).toFixed(0), (2.5).toFixed(0)]
[(1234.5678).toPrecision(6), (0.00001234).toPrecision(2), (1234.5678).toExponential(2)]
[(255).toString(16), (255).toString(2), (0.5).toString(2), (-7).toString(36)]
[0.1 + 0.2, 0.1 * 3, 1 / 3, 1e21, 1e-7, 123456789012345680000]
[5 % 3, -5 % 3, 5 % -3, 5.5 % 2]
[1 / 0, -1 / 0, 0 / 0]
[Math.round(2.5), Math.round(-2.5), Math.round(1.4999), Math.floor(-1.5), Math.ceil(-1.5), Math.trunc(-1.7)]
[Math.abs(-3), Math.sign(-2), Math.sqrt(16), Math.cbrt(8), Math.hypot(3, 4), Math.pow(2, 0.5)]
[Math.max(), Math.min(), Math.max(1, "3", 2), Math.max(1, NaN)]
[Math.log10(1000), Math.log2(8), Math.exp(0), Math.PI.toFixed(5)]
[Number.MAX_SAFE_INTEGER, Number.EPSILON > 0, Number.isInteger(5.0), Number.isSafeInteger(2 ** 53)]
Math.round(parseFloat(AmountInput.text) * 100) / 100
(10n ** 20n).toString() + (7n / 2n) + (2n > 1) + BigInt("123")
[0.1 + 0.7, 4.35 * 100, 1.1 + 2.2, 9007199254740993]
[1_000_000, 0b101, 0o17, 0xff, .5, 5.]
[+true, +"", +"  ", -"5", +[], +new Date(5)]
getUsers.data.map((user) => user.age).filter(Number.isFinite).reduce((sum, age, _, all) => sum + age / all.length, 0).toFixed(3)
// zones: UTC
// locales: de-DE, en-US, en-GB, fr-FR, es-ES, pt-BR, ja-JP, en-IN, pl-PL
(1234567.891).toLocaleString()
(1234.5).toLocaleString(undefined, { style: "currency", currency: "EUR" })
(-1234.5).toLocaleString(undefined, { style: "currency", currency: "USD" })
(0.256).toLocaleString(undefined, { style: "percent", maximumFractionDigits: 1 })
(1234.5).toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
(1234567).toLocaleString(undefined, { notation: "compact" })
// zones: UTC
(1234.5).toLocaleString("en-US") + (1234.5).toLocaleString("de-DE") + (1234.5).toLocaleString("fr-FR")
(1234567.891).toLocaleString("en-IN", { style: "currency", currency: "INR" })
(5000).toLocaleString("id-ID", { style: "currency", currency: "IDR", minimumFractionDigits: 0 })
(1234.5).toLocaleString("de-CH", { style: "currency", currency: "CHF" })
(99.5).toLocaleString("ja-JP", { style: "currency", currency: "JPY" })
(1234.5).toLocaleString("pt-BR", { style: "currency", currency: "BRL" })
(1234.5).toLocaleString("en-US", { style: "currency", currency: "USD", currencyDisplay: "code" })
(1).toLocaleString("en-US", { style: "currency", currency: "USD", currencyDisplay: "name" }) + (2).toLocaleString("de-DE", { style: "currency", currency: "EUR", currencyDisplay: "name" })
(-5).toLocaleString("en-US", { style: "currency", currency: "USD", currencySign: "accounting" })
(1500000).toLocaleString("en-US", { notation: "compact", compactDisplay: "long" }) + (1500000).toLocaleString("de-DE", { notation: "compact", compactDisplay: "long" })
(123456).toLocaleString("en-US", { maximumSignificantDigits: 3 }) + (0.000123456).toLocaleString("en-US", { minimumSignificantDigits: 2, maximumSignificantDigits: 4 })
(1.005).toLocaleString("en-US", { maximumFractionDigits: 2 }) + (2.5).toLocaleString("en-US", { maximumFractionDigits: 0 }) + (-0).toLocaleString("en-US")
(5).toLocaleString("en-US", { minimumIntegerDigits: 2 }) + (5).toLocaleString("en-US", { signDisplay: "always" }) + (0).toLocaleString("en-US", { signDisplay: "exceptZero" })
(123456789).toLocaleString("en-US", { useGrouping: false }) + (1234).toLocaleString("es-ES") + (12345).toLocaleString("es-ES")
(123456).toLocaleString("en-US", { notation: "scientific" }) + (123456).toLocaleString("en-US", { notation: "engineering" })
12345678901234567890n.toLocaleString("de-DE")
[NaN, Infinity, -Infinity].map((value) => value.toLocaleString("en-US"))
new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).formatToParts(-1234.5)
new Intl.NumberFormat("de-DE", { style: "percent" }).format(0.5) + Intl.NumberFormat("de-DE").format(1.5)
new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).resolvedOptions()
[1234.5, null, 2].toLocaleString("de-DE")
["0", "1", "2", "5", "1.5"].map((n) => new Intl.PluralRules("en-US").select(n))
[1, 2, 3, 4, 11, 21].map((n) => new Intl.PluralRules("en-US", { type: "ordinal" }).select(n))
[0, 1, 2, 5, 12, 22, 1.5].map((n) => new Intl.PluralRules("pl-PL").select(n))
(() => { try { (1).toLocaleString("en-US", { style: "currency" }); } catch (e) { return [e.name, e.message]; } })()
(() => { try { (1).toLocaleString("not a locale"); } catch (e) { return [e.name, e.message]; } })()
(() => { try { (1).toLocaleString("en-US", { minimumFractionDigits: 200 }); } catch (e) { return [e.name, e.message]; } })()
["ä", "a", "z", "A", "Z", "10", "9"].sort((one, other) => one.localeCompare(other))
["x10", "x9", "x1"].sort(new Intl.Collator("en-US", { numeric: true }).compare)
"a".localeCompare("A", undefined, { sensitivity: "base" }) + "," + "résumé".localeCompare("resume", "fr-FR", { sensitivity: "accent" })
new Intl.ListFormat("en-US", { type: "conjunction" }).format(["a", "b", "c"]) + new Intl.ListFormat("de-DE", { type: "disjunction" }).format(["a", "b"])
new Intl.RelativeTimeFormat("en-US", { numeric: "auto" }).format(-1, "day") + new Intl.RelativeTimeFormat("de-DE").format(3, "months")
