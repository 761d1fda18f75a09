from __future__ import annotations

from salwidget.engine.cache import Cache


def test_what_was_used_last_stays_within_the_bytes() -> None:
    cache = Cache(max_bytes=10)
    for key in "abc":
        cache.put(key, key.upper(), 3)
    assert cache.get("a") == "A"
    cache.put("d", "D", 3)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.bytes == 9
    assert cache.get("b") is None


def test_a_key_that_comes_again_is_counted_once() -> None:
    cache = Cache(max_bytes=10)
    cache.put("a", 1, 4)
    cache.put("a", 2, 3)
    assert (cache.get("a"), cache.bytes) == (2, 3)


def test_what_would_push_out_all_else_is_not_kept() -> None:
    cache = Cache(max_bytes=10)
    cache.put("a", 1, 4)
    cache.put("b", 2, 6)
    assert "b" not in cache
    assert cache.get("a") == 1
