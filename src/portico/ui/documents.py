"""Templates of whole documents. No script and no style in any of them: the policy allows neither."""

#: What `portico dev` adds to every document: which version of which app it shows, and what its browser
#: may load. Where there is no such script, nothing.
DEV = """\
{% if dev_script %}
<script type="module" src="{{ dev_script }}" data-dev data-app="{{ app.slug if app else "" }}"
  {{- attribute("data-version", app.version if app else "") }}
  {{- attribute("data-origins", origins) }}></script>
{% endif %}
"""

_HEAD = """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{{ scheme }}">
{% block meta %}{% endblock %}
<title>{{ title }}{% if app %} · {{ app.name }}{% endif %}</title>
<link rel="stylesheet" href="{{ style }}">
<link rel="icon" href="{{ logo or "data:," }}">
{% include "dev" %}
</head>
"""

PLAIN = (
    _HEAD
    + """\
<body class="plain-page">
<main id="main">
{% block main %}{% endblock %}
</main>
</body>
</html>
"""
)

PROBLEM = """\
{% extends "plain" %}
{% block meta %}<meta name="robots" content="noindex">{% endblock %}
{% block main %}
<section class="notice">
<p class="mark" aria-hidden="true">!</p>
<h1>{{ title }}</h1>
<p>{{ message }}</p>
{% if back %}<p><a class="button primary" href="{{ back }}">{{ back_text }}</a></p>{% endif %}
{% if problem_id %}
<p class="fine">If you report this, mention <code>{{ problem_id }}</code>.</p>
{% endif %}
{% if detail %}
<p class="fine">For you, who builds it: {{ detail }}</p>
{% endif %}
</section>
{% endblock %}
"""

BROKEN = """\
{% extends "plain" %}
{% block meta %}
<meta name="robots" content="noindex">
<link rel="stylesheet" href="{{ dev_style }}">
{% endblock %}
{% block main %}
<section class="broken">
<h1>{{ app.name }} cannot run yet</h1>
<p>This page shows the app as soon as its files are sound: there is no need to reload it.</p>
<ol class="problems">
{% for problem in problems %}
<li class="{{ problem.severity }}">
<p class="place"><code>{{ problem.place }}</code> <b>{{ problem.code }}</b></p>
<p>{{ problem.message }}</p>
{% if problem.received is not none %}
<p class="received"><span>received:</span> <code>{{ problem.received }}</code></p>
{% endif %}
{% if problem.remedy is not none %}
<p class="remedy"><span>fix:</span> {{ problem.remedy }}</p>
{% endif %}
</li>
{% endfor %}
</ol>
</section>
{% endblock %}
"""

INDEX = """\
{% extends "plain" %}
{% block main %}
<section class="apps">
<h1>Apps on this server</h1>
{% if apps %}
<ul>
{% for app in apps %}
<li><a href="{{ app.url }}">
{%- if app.logo %}<img src="{{ app.logo }}" alt="" width="40" height="40">
{%- else %}<span class="initial" aria-hidden="true">{{ app.initial }}</span>{% endif -%}
<span class="name">{{ app.name }}</span><span class="where">{{ app.url }}</span></a></li>
{% endfor %}
</ul>
{% else %}
<p>There is no app here yet.</p>
{% endif %}
</section>
{% endblock %}
"""

ENTER = """\
{% extends "plain" %}
{% block meta %}<meta name="robots" content="noindex">{% endblock %}
{% block main %}
<section class="notice">
<h1>Sign in to {{ app.name }}?</h1>
<p>You sign in at <strong>{{ host }}</strong>, and come back here.</p>
<form method="post" action="{{ action }}"><button class="button primary">Continue</button></form>
</section>
{% endblock %}
"""

LEAVE = """\
{% extends "plain" %}
{% block meta %}
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
{% if refresh %}<meta http-equiv="refresh" content="0; url={{ refresh }}">{% endif %}
{% endblock %}
{% block main %}
<section class="notice">
<h1>Leaving this site</h1>
<p>You are on your way to <strong>{{ to }}</strong>.</p>
<p><a class="button primary" href="{{ url }}" rel="noreferrer">Continue</a></p>
</section>
{% endblock %}
"""

PAGE = """\
<!doctype html>
<html lang="{{ view.language }}" data-app="{{ view.app.slug }}" data-page="{{ view.page.name }}"
  {{- attribute("data-shared", view.app.sharing and view.app.sharing.group) }}
  {%- if view.visit is not none %} data-visit="{{ view.visit }}"{% endif %} data-n="{{ view.n }}"
  {%- if view.session_tag is not none %} data-session="{{ view.session_tag }}"{% endif %}
  {{- attribute("data-entry", view.entry_url) }}{{ attribute("data-zone", view.zone) }}
  {%- if view.loading %} data-load{% endif %}{% if view.page.reads_fragment %} data-fragment{% endif %}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="{{ scheme }}">
<title>{{ view.page.title }} · {{ view.app.name }}</title>
{% for style in styles %}
<link rel="stylesheet" href="{{ style }}">
{% endfor %}
<link rel="modulepreload" href="{{ view.assets.url("idiomorph.js") }}">
<script type="module" src="{{ view.assets.url("portico.js") }}"></script>
{% for part in view.page.parts|sort %}
<script type="module" src="{{ view.assets.url(part ~ ".js") }}"></script>
{% endfor %}
<link rel="icon" href="{{ logo or "data:," }}">
{% include "dev" %}
</head>
<body class="{{ layout }}">
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="{{ home }}">
{%- if logo %}<img src="{{ logo }}" alt="" width="32" height="32">{% endif -%}
<span>{{ view.app.name }}</span></a>
{% if view.links %}
<nav class="links" aria-label="Pages"><ul>
{% for link in view.links %}
<li><a href="{{ link.url }}"{% if link.current %} aria-current="page"{% endif %}>{{ link.title }}</a></li>
{% endfor %}
</ul></nav>
{% endif %}
</header>
<div id="alerts">
{% for role, group in (("status", quiet), ("alert", loud)) %}
<div role="{{ role }}">
{%- for alert in group %}<div class="alert {{ alert.style }}">{{ alert.message }}</div>{% endfor -%}
</div>
{% endfor %}
</div>
<main id="main" tabindex="-1">
<h1 class="unseen">{{ view.page.title }}</h1>
<form id="portico" method="post" action=""{{ encoding }}>{{ envelope() }}
<button type="submit" disabled hidden></button></form>
{% if view.loading %}
<noscript><form class="more" method="post" action="">{{ envelope() }}
<p>Some content is still on its way.</p>
<button class="button primary" type="submit" name="portico.event" value="load">Continue</button>
</form></noscript>
{% endif %}
{% if view.asked and view.asked.about == "confirm" %}
<dialog id="ask" class="ask" open aria-labelledby="asked" data-ask="{{ view.asked.id }}">
<form method="post" action="">{{ envelope() }}
<p id="asked">{{ view.asked.question }}</p>
<p class="choices"><button class="button primary" type="submit" name="portico.answer"
  value="{{ view.asked.id }} yes">{{ view.asked.yes }}</button>
<button class="button secondary" type="submit" name="portico.answer"
  value="{{ view.asked.id }} no">{{ view.asked.no }}</button></p>
</form></dialog>
{% endif %}
{% for text in view.copied %}
<div class="handed"><p>To copy:</p><pre tabindex="0">{{ text }}</pre></div>
{% endfor %}
{% for file in files %}
<p class="handed"><a class="button secondary" href="{{ file.url }}" download="{{ file.name }}">
{{- "Download " ~ file.name }}</a></p>
{% endfor %}
<div class="{{ flow }}">
{{ inside }}
</div>
</main>
</body>
</html>
"""

TEMPLATES = {
    "plain": PLAIN,
    "problem": PROBLEM,
    "index": INDEX,
    "enter": ENTER,
    "leave": LEAVE,
    "page": PAGE,
    "dev": DEV,
    "broken": BROKEN,
}

#: The picture of the button that shows a password.
EYE = (
    '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
    '<path d="M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12z"/><circle cx="12" cy="12" r="3"/>'
    '<path class="slash" d="m4 4 16 16"/></svg>'
)
