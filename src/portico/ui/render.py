"""Views to HTML. Everything is escaped by default; what is not says `Markup` where it is made."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from portico.definition.diagnostics import Diagnostic
from portico.model.app import App, BrowserOrigins
from portico.ui import documents
from portico.ui.assets import DEV_SCRIPT, DEV_STYLE, Assets
from portico.ui.layout import in_reading_order, is_card, is_grid, place_class
from portico.ui.prose import as_text
from portico.ui.style import attribute, bound, frame, tone
from portico.ui.view import File, PageView
from portico.ui.widgets import CATALOGUE, LOOKS
from portico.ui.widgets.file_picker import UPLOADS
from portico.ui.widgets.icons import picture
from portico.ui.widgets.image import file_url
from portico.ui.widgets.node import Node

__all__ = [
    "PageView",
    "render_broken",
    "render_enter",
    "render_index",
    "render_leave",
    "render_page",
    "render_problem",
    "render_widget",
]

#: Schemes that a page may send the browser to by itself, and those it may offer as a link.
_REFRESHED = ("http://", "https://")
_LINKED = (*_REFRESHED, "mailto:", "tel:")

_environment = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    loader=DictLoader(
        {**documents.TEMPLATES, **{f"widget/{name}": look.template for name, look in LOOKS.items()}}
    ),
)
_environment.filters["text"] = as_text
_environment.globals.update(
    attribute=attribute,
    bound=bound,
    frame=frame,
    picture=picture,
    tone=tone,
    eye=Markup(documents.EYE),  # noqa: S704
)


def _filled(template: str, **values: Any) -> str:
    """A template with these values, as `Template.render` would give it. That copies the environment's
    globals out of a chain of mappings each time, which for a small widget is a third of the work."""
    found = _environment.get_template(template)
    context = found.new_context({**_environment.globals, **values}, shared=True)
    return "".join(found.root_render_func(context))


def render_page(view: PageView) -> str:
    """A whole document."""
    app, page, assets = view.app, view.page, view.assets
    own = f"{app.slug}/{page.name}.css"
    return _filled(
        "page",
        view=view,
        app=app,
        **_dev(assets, app),
        scheme=_scheme(app),
        styles=[assets.url(f"{app.slug}.css"), *([assets.url(own)] if own in assets else [])],
        logo=_logo(app),
        home=f"/{app.slug}/",
        layout=_layout(view),
        flow=_flow(view, page.roots),
        envelope=lambda: _envelope(view),
        encoding=_encoding(view),
        quiet=[alert for alert in view.alerts if alert.style not in ("error", "warning")],
        loud=[alert for alert in view.alerts if alert.style in ("error", "warning")],
        inside=_inside(view, page.roots),
        files=[{"name": file.name, "url": _link(file)} for file in view.files],
    )


def render_widget(view: PageView, path: str) -> str:
    """A widget with all that stands in it; one that is not visible leaves an empty place."""
    node = _node(view, path)
    if not node.props["isVisible"]:
        return Markup('<div id="w.{0}" data-widget="{0}" hidden></div>').format(path)
    kind, look, tree = node.kind, LOOKS[node.kind.name], view.tree
    children = [
        child
        for child in tree.children(path)
        if kind.slot_property is None or tree.placed_widget(child).slot == node.props[kind.slot_property]
    ]
    rows = tree.rows(path) if node.widget.repeats else ()
    return _filled(
        f"widget/{kind.name}",
        w=node,
        p=node.props,
        inside="" if node.widget.repeats else _inside(view, children),
        flow=_flow(view, children),
        rows=[{"key": key, "inside": _inside(view, row), "flow": _flow(view, row)} for key, row in rows],
        root=lambda classes, props: _root(node, classes, props),
        scrolls=_scrolls,
        envelope=lambda: _envelope(view),
        encoding=_encoding(view),
        **look.prepare(node),
    )


def render_problem(
    assets: Assets,
    *,
    title: str,
    message: str,
    id: str = "",  # noqa: A002  # the word that the log uses too
    back: str | None = "/",
    back_text: str = "Back to the start",
    app: App | None = None,
    detail: str = "",
    language: str = "en",
) -> str:
    """A page that says what went wrong: in the app's colours where an app is known, with the `id`
    that the log has too, and a way on. `detail` is for whoever builds the app, and for nobody else."""
    return _plain(
        "problem",
        assets,
        app,
        language,
        title=title,
        message=message,
        problem_id=id,
        back=back,
        back_text=back_text,
        detail=detail,
    )


def render_broken(assets: Assets, problems: Iterable[Diagnostic], *, app: App, language: str = "en") -> str:
    """What `portico dev` shows in place of an app whose files have errors. `app` stands in for it."""
    style = assets.url(DEV_STYLE)
    return _plain("broken", assets, app, language, title="Errors", problems=list(problems), dev_style=style)


def render_index(apps: Iterable[App], assets: Assets, *, language: str = "en") -> str:
    """`/`: what this server runs."""
    listed = [
        {"name": app.name, "url": f"/{app.slug}/", "logo": _logo(app), "initial": app.name[:1].upper()}
        for app in sorted(apps, key=lambda app: app.name.casefold())
    ]
    return _plain("index", assets, None, language, title="Apps", apps=listed)


def render_enter(assets: Assets, *, app: App, host: str, action: str, language: str = "en") -> str:
    """The page that asks whether the user wants to sign in at `host`; a form to `action`."""
    return _plain("enter", assets, app, language, title="Sign in", host=host, action=action)


def render_leave(
    url: str, assets: Assets, *, app: App | None = None, to: str | None = None, language: str = "en"
) -> str:
    """The 200 page that takes the place of a redirect to another origin (hard-cases 24). `to` is where that
    leads, for people; without it the host.

    Goes on by itself to http and https alone. Raises ValueError for what is no address to link to.
    """
    if not url.lower().startswith(_LINKED) or any(ord(char) < 33 for char in url):
        raise ValueError("not an address to link to")
    refresh = url if url.lower().startswith(_REFRESHED) else None
    return _plain(
        "leave",
        assets,
        app,
        language,
        title="Leaving this site",
        url=url,
        refresh=refresh,
        to=to or _host(url),
    )


def _host(url: str) -> str:
    """Whose address it is; the whole of one that has no host."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or url
    except ValueError:
        return url


def _plain(name: str, assets: Assets, app: App | None, language: str, **values: Any) -> str:
    style = f"{app.slug}.css" if app and f"{app.slug}.css" in assets else "portico.css"
    return _environment.get_template(name).render(
        language=language,
        scheme=_scheme(app),
        style=assets.url(style),
        **_dev(assets, app),
        app=app,
        logo=_logo(app) if app else None,
        **values,
    )


def _dev(assets: Assets, app: App | None) -> dict[str, str]:
    """What the template `dev` needs: the script, where there is one, and where pages may load from."""
    if DEV_SCRIPT not in assets:
        return {"dev_script": "", "origins": ""}
    browser = app.browser if app else BrowserOrigins()
    origins = " ".join((*browser.images, "|", *browser.frames, "|", *browser.fonts))
    return {"dev_script": assets.url(DEV_SCRIPT), "origins": origins}


def _node(view: PageView, path: str) -> Node:
    widget = view.tree.placed_widget(path)
    kind = CATALOGUE[widget.type]
    props: dict[str, Any] = {name: declared.default for name, declared in kind.properties.items()}
    props |= kind.meta
    props |= dict.fromkeys(kind.derived)
    props |= view.props.get(path, {})
    return Node(view=view, path=path, widget=widget, kind=kind, props=props)


def _inside(view: PageView, paths: Iterable[str]) -> Markup:
    ordered = in_reading_order(view.page, paths)
    return Markup("\n").join(Markup(render_widget(view, path)) for path in ordered)  # noqa: S704


def _flow(view: PageView, paths: Iterable[str]) -> str:
    return "grid" if is_grid(view.page, paths) else "flow"


def _root(node: Node, classes: str, props: Mapping[str, Any]) -> Markup:
    """What every widget's root element carries."""
    framed = frame(props) if "frame" in classes.split() else Markup()
    path = escape(node.path)
    classes = escape(classes + place_class(node.widget))
    return Markup(f'id="w.{path}" data-widget="{path}" class="w {classes}"{framed}')  # noqa: S704


def _scrolls(props: Mapping[str, Any]) -> Markup:
    """A box that scrolls can be reached by keyboard."""
    return Markup(' tabindex="0" data-scrolls') if props["shouldScrollContents"] else Markup()


def _envelope(view: PageView) -> Markup:
    """The hidden inputs of every form; none where the client makes the visit."""
    if view.visit is None:
        return Markup()
    return Markup(
        '<input type="hidden" name="portico.visit" value="{}">'
        '<input type="hidden" name="portico.n" value="{}">'
    ).format(view.visit, view.n)


def _encoding(view: PageView) -> Markup:
    """How forms of the page are sent: with files, where there are pickers of files."""
    return Markup(' enctype="multipart/form-data"') if UPLOADS in view.page.parts else Markup()


def _link(file: File) -> str:
    """Where a browser without scripts finds a file: what is in it, as an address."""
    if file.url is not None:
        return file.url
    return f"data:{quote(file.type, safe='/;=')};charset=utf-8,{quote(file.text or '')}"


def _logo(app: App) -> str | None:
    logo = app.theme.logo
    return file_url(app, logo) if logo is not None and logo in app.files else None


def _layout(view: PageView) -> str:
    """The classes of a page's body."""
    if not view.links:
        return "card" if is_card(view.page) else "wide"
    navigation = view.app.navigation
    return "wide aside" if navigation is not None and navigation.orientation == "side" else "wide"


def _scheme(app: App | None) -> str:
    return {"light": "light", "dark": "dark"}.get(app.theme.mode if app else "auto", "light dark")
