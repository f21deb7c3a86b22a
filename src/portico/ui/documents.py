"""Templates of whole documents. No script and no style in any of them: the policy allows neither."""

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
<p>You are on your way to</p>
<p class="address">{{ url }}</p>
<p><a class="button primary" href="{{ url }}" rel="noreferrer">Continue</a></p>
</section>
{% endblock %}
"""

PAGE = """\
<!doctype html>
<html lang="{{ view.language }}" data-app="{{ view.app.slug }}" data-page="{{ view.page.name }}"
  {%- if view.visit is not none %} data-visit="{{ view.visit }}"{% endif %} data-n="{{ view.n }}"
  {%- if view.session_tag is not none %} data-session="{{ view.session_tag }}"{% endif %}
  {{- attribute("data-entry", view.entry_url) }}{% if view.loading %} data-load{% endif %}>
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
<link rel="icon" href="{{ logo or "data:," }}">
</head>
<body class="{{ layout }}">
<a class="skip" href="#main">Skip to the content</a>
<header class="bar">
<a class="brand" href="{{ home }}">
{%- if logo %}<img src="{{ logo }}" alt="" width="32" height="32">{% endif -%}
<span>{{ view.app.name }}</span></a>
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
<form id="portico" method="post" action="">{{ envelope() }}
<button type="submit" disabled hidden></button></form>
{% if view.loading %}
<noscript><form class="more" method="post" action="">{{ envelope() }}
<p>Some content is still on its way.</p>
<button class="button primary" type="submit" name="portico.event" value="load">Continue</button>
</form></noscript>
{% endif %}
<div class="{{ flow }}">
{{ inside }}
</div>
</main>
</body>
</html>
"""

TEMPLATES = {"plain": PLAIN, "problem": PROBLEM, "index": INDEX, "leave": LEAVE, "page": PAGE}

#: The picture of the button that shows a password.
EYE = (
    '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8"'
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
    '<path d="M2 12s3.6-7 10-7 10 7 10 7-3.6 7-10 7S2 12 2 12z"/><circle cx="12" cy="12" r="3"/>'
    '<path class="slash" d="m4 4 16 16"/></svg>'
)
