"""What browsers call themselves, in words by which their user knows them again: "Firefox on Linux".

It is for people to read, decides nothing, and believes nothing: anybody can send any text.
"""

import re

#: Browsers by what is in the header, those first that also carry the names of others.
_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"(?:Firefox|FxiOS)/", "Firefox"),
    (r"(?:Chrome|CriOS|HeadlessChrome)/", "Chrome"),
    (r"Version/\S+ .*Safari/", "Safari"),
)
_SYSTEMS = (
    (r"Windows", "Windows"),
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Mac OS X|Macintosh", "macOS"),
    (r"CrOS", "ChromeOS"),
    (r"Linux|X11", "Linux"),
)
#: The first product of any other client (RFC 9110, 10.1.5).
_PRODUCT = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}", re.ASCII)
_LIMIT = 400


def named(user_agent: str) -> str:
    """A name for the browser that sent this header; "" if it says nothing of itself."""
    text = user_agent[:_LIMIT]
    browser, system = _first(_BROWSERS, text), _first(_SYSTEMS, text)
    if not browser:
        product = _PRODUCT.match(text)
        browser = product[0] if product is not None else ""
    return f"{browser} on {system}" if browser and system else browser


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in known if re.search(pattern, text)), "")
