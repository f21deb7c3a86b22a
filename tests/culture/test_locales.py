"""Which locale somebody gets, and the data behind it."""

import pytest

from portico.culture import locales
from portico.culture.culture import Culture, culture_of


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("DE-at", "de-AT"),
        ("en;q=0.5, fr-CH;q=0.9", "fr-CH"),
        ("xx, tlh-KX, nl", "nl"),
        ("de;q=0, en-GB", "en-GB"),
        ("zh-TW", "zh-TW"),
        ("zh-Hant-HK", "zh-Hant-HK"),
        ("sr-Latn-RS", "sr-Latn-RS"),
        ("en-US-u-hc-h23", "en-US"),
        ("*", None),
        ("", None),
        ("de;q=2, ../../x, de_DE, 'en'", None),
        ("de;q=nan", None),
        ("x" * 5000 + ",de", None),
        (",".join(["xx"] * 100) + ",de", None),
    ],
)
def test_a_browser_gets_the_locale_it_likes_best(header: str, tag: str | None) -> None:
    """By weight, then by order; what has no data, or is no tag, is passed over."""
    assert locales.accepted(header) == tag


@pytest.mark.parametrize(
    ("tag", "source"),
    [
        ("de-DE", "de"),
        ("de-AT", "de-AT"),
        ("zh-CN", "zh"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant-HK"),
        ("sr-RS", "sr"),
        ("en-GB", "en-GB"),
        ("pt-PT", "pt-PT"),
        ("xx", None),
    ],
)
def test_a_tag_has_the_data_of_its_own_kind(tag: str, source: str | None) -> None:
    """Region and script decide: Chinese in Taiwan is not that of the mainland."""
    assert locales.source(tag) == source


def test_a_variant_holds_all_that_its_language_does() -> None:
    """What is stored as a difference reads whole."""
    german, austrian = locales.data("de"), locales.data("de-AT")
    assert austrian.keys() == german.keys()
    assert austrian["dates"]["months"]["f"]["w"][0] == "Jänner"
    assert german["dates"]["months"]["f"]["w"][0] == "Januar"
    assert austrian["dates"]["months"]["f"]["w"][1:] == german["dates"]["months"]["f"]["w"][1:]


@pytest.mark.parametrize("tag", locales.shared()["locales"])
def test_every_locale_is_whole(tag: str) -> None:
    """Each part that scripts rely on is there."""
    data = locales.data(tag, locales.SECTIONS)
    assert {"numbers", "currencies", "dates", "plurals", "ordinals", "sections"} == data.keys()
    assert len(data["numbers"]["digits"]) == 10
    assert all(len(data["dates"]["months"][use][width]) == 12 for use in "fs" for width in "wan")
    assert all(len(data["dates"]["days"][use][width]) == 7 for use in "fs" for width in "wan")
    assert {"am", "pm"} <= data["dates"]["periods"]["a"].keys()
    assert data["dates"]["date"].keys() == data["dates"]["join"].keys() == {"full", "long", "medium", "short"}
    assert {"relative", "lists"} == data["sections"]["words"].keys()


def test_everyday_languages_are_there() -> None:
    """What the seeds' users speak."""
    known = {tag.split("-")[0] for tag in locales.shared()["locales"]}
    assert {
        "en",
        "de",
        "fr",
        "es",
        "it",
        "pt",
        "nl",
        "pl",
        "ru",
        "uk",
        "tr",
        "ar",
        "he",
        "hi",
        "ja",
        "ko",
        "zh",
        "vi",
        "id",
    } <= known
    assert len(locales.shared()["locales"]) > 400


@pytest.mark.parametrize(
    ("header", "cookie", "culture"),
    [
        ("fr-FR", "Asia/Tokyo", Culture("fr-FR", "Asia/Tokyo")),
        ("", None, Culture("de-DE", "Europe/Berlin")),
        ("fr", "Mars/Base", Culture("fr", "Europe/Berlin")),
        ("tlh", "../../etc/passwd", Culture("de-DE", "Europe/Berlin")),
        ("fr", "", Culture("fr", "Europe/Berlin")),
        ("fr", "Europe/Paris\r\nSet-Cookie: a=b", Culture("fr", "Europe/Berlin")),
    ],
)
def test_what_a_browser_says_counts_only_as_far_as_it_exists(
    header: str, cookie: str | None, culture: Culture
) -> None:
    """A tampered cookie or header falls back to what the app says."""
    assert culture_of(header, cookie, fallback=Culture("de-DE", "Europe/Berlin")) == culture
