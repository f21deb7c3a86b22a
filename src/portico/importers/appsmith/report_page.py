"""The report of an import as one page that stands alone: no scripts, nothing to fetch."""

from jinja2 import Environment

from portico.importers.appsmith.report import HEADINGS, Kind, Report
from portico.ui.theme import palette

#: What each kind of line means, for whoever reads it for the first time.
_WORDS: dict[Kind, str] = {
    "needs": "Files of the app name these and do not hold them. Secrets go into the environment or secrets.toml.",
    "question": "The app does not say. Until you decide, the safer answer holds.",
    "sign-in": "Read from the code of the app. Look whether it is right before others rely on it.",
    "left-out": "Not in the imported app. Code that reads it gets undefined, and goes on.",
    "broken": "Appsmith could not have run it either. Its text stands in a comment beside where it was.",
    "missing": "Code names these. What stands for them gives undefined.",
    "changed": "The same in other words, because Portico has no such thing.",
    "note": "Good to know.",
}
_BRAND = "#4f46e5"

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Import of {{ report.name }}</title>
<style>
:root { {{ light }} }
@media (prefers-color-scheme: dark) { :root { {{ dark }} } }
*, ::before, ::after { box-sizing: border-box }
html { font: 1rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; background: var(--bg); color: var(--ink) }
body { margin: 0 auto; max-width: 69rem; padding: 2.5rem 1rem 4rem }
h1, h2, h3, p, dl, dd { margin: 0 }
h1 { font-size: 1.75rem; line-height: 1.25; letter-spacing: -.011em; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; display: flex; gap: .6rem; align-items: baseline }
.lead { color: var(--muted); margin-top: .35rem; overflow-wrap: anywhere }
.counts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.75rem 0 }
.counts div { display: flex; flex-direction: column-reverse; padding: .9rem 1.1rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--surface) }
.counts dd { font-size: 1.6rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums }
.counts dt { color: var(--muted); font-size: .9rem }
section { margin-top: 1.25rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: .75rem; background: var(--surface) }
.badge { padding: .05rem .55rem; border-radius: 1rem; background: var(--brand-soft); color: var(--brand-text); font-size: .85rem; font-weight: 600; font-variant-numeric: tabular-nums }
.badge.amber { background: var(--amber-soft); color: var(--amber-text) }
.badge.red { background: var(--red-soft); color: var(--red-text) }
.badge.green { background: var(--green-soft); color: var(--green-text) }
section > p { color: var(--muted); margin-top: .25rem }
ul { list-style: none; margin: .9rem 0 0; padding: 0 }
li { padding: .6rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere }
.where { display: block; font-weight: 600 }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .85em }
pre { margin: .45rem 0 0; padding: .6rem .8rem; max-height: 16rem; overflow: auto; border: 1px solid var(--line); border-radius: .5rem; background: var(--bg); white-space: pre-wrap }
summary { cursor: pointer; color: var(--brand-text) }
:focus-visible { outline: 2px solid var(--brand-text); outline-offset: 2px }
.scroll { overflow-x: auto; margin-top: .9rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; padding: .45rem .9rem .45rem 0; border-top: 1px solid var(--line) }
th { color: var(--muted); font-weight: 500; font-size: .9rem; border-top: 0 }
td.number { font-variant-numeric: tabular-nums }
</style>
</head>
<body>
<main>
<h1>{{ report.name }}</h1>
<p class="lead">Imported from {{ report.source }}, {{ report.form }}</p>
<dl class="counts">
{% for what, count in counts %}<div><dt>{{ what }}</dt><dd>{{ count }}</dd></div>
{% endfor %}</dl>
{% for kind, heading, words, tone, lines in groups %}
<section aria-labelledby="{{ kind }}">
<h2 id="{{ kind }}">{{ heading }} <span class="badge {{ tone }}">{{ lines|length }}</span></h2>
<p>{{ words }}</p>
<ul>
{% for line in lines %}<li>{% if line.where %}<span class="where">{{ line.where }}</span>{% endif %}{{ line.message }}
{%- if line.code %}<details><summary>What stood there</summary><pre tabindex="0">{{ line.code }}</pre></details>{% endif %}</li>
{% endfor %}</ul>
</section>
{% endfor %}
{% if widgets %}<section aria-labelledby="widgets">
<h2 id="widgets">Widgets</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="widgets"><table>
<thead><tr><th scope="col">In Appsmith</th><th scope="col">Here</th><th scope="col">How many</th></tr></thead>
<tbody>
{% for (kind, ours), count in widgets %}<tr><td><code>{{ kind }}</code></td><td>{{ ours }}</td><td class="number">{{ count }}</td></tr>
{% endfor %}</tbody></table></div>
</section>
{% endif %}
{% if cosmetic %}<section aria-labelledby="properties">
<h2 id="properties">Properties that only Appsmith has</h2>
<p>Literals that change how something looks, and have no place here.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="properties"><table>
<thead><tr><th scope="col">Widget</th><th scope="col">Property</th><th scope="col">Times set</th></tr></thead>
<tbody>
{% for (kind, name), count in cosmetic %}<tr><td><code>{{ kind }}</code></td><td><code>{{ name }}</code></td><td class="number">{{ count }}</td></tr>
{% endfor %}</tbody></table></div>
</section>
{% endif %}
</main>
</body>
</html>
"""
_PAGE = Environment(autoescape=True, trim_blocks=True).from_string(_TEMPLATE)
_TONES: dict[Kind, str] = {"needs": "amber", "question": "amber", "broken": "red", "left-out": "red", "sign-in": "green"}


def html(report: Report) -> str:
    """The page."""
    groups = [
        (kind, heading, _WORDS[kind], _TONES.get(kind, ""), lines)
        for kind, heading in HEADINGS.items()
        if (lines := report.lines(kind))
    ]
    return _PAGE.render(
        report=report,
        counts=[(what, count) for what, count in report.counts.items() if count],
        groups=groups,
        widgets=sorted(report.widgets.items()),
        cosmetic=sorted(report.cosmetic.items()),
        light=_tokens("light"),
        dark=_tokens("dark"),
    )


def _tokens(scheme: str) -> str:
    colors = palette(_BRAND, dark=scheme == "dark")
    return f"color-scheme: {scheme}; " + "; ".join(f"--{name}: {color.hex}" for name, color in colors.items())
