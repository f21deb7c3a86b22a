"""Tags: the same for the same parts, and nothing to anybody without the server key (hard-cases 3)."""

from portico.auth.tags import Tags
from portico.values import Secret


def test_tags_tell_parts_apart() -> None:
    """Also where the parts read the same when put together, and for any text."""
    tags = Tags(Secret("k" * 32))
    parts = [
        ("user", "a", "b"),
        ("user", "ab"),
        ("user", "a", "b", ""),
        ("user-a", "b"),
        ("user", "b", "a"),
        ("user", "\ud800"),
    ]
    found = [tags.tag(*each) for each in parts]
    assert len(set(found)) == len(parts)
    assert found == [Tags(Secret("k" * 32)).tag(*each) for each in parts]
    assert {len(tag) for tag in found} == {43}


def test_tags_need_the_key() -> None:
    """Another server key gives other tags; neither key nor parts show."""
    tags = Tags(Secret("k" * 32))
    assert tags.tag("user", "u1") != Tags(Secret("l" * 32)).tag("user", "u1")
    assert "u1" not in tags.tag("user", "u1")
    assert repr(tags) == "Tags(…)"
