from __future__ import annotations

from salwidget.lately import Lately


def test_what_was_used_last_stays_within_the_bytes() -> None:
    lately = Lately(most=10)
    for key in "abc":
        lately.keep(key, key.upper(), 3)
    assert lately.get("a") == "A"
    lately.keep("d", "D", 3)
    assert [key for key in "abcd" if key in lately] == ["a", "c", "d"]
    assert lately.bytes == 9
    assert lately.get("b") is None


def test_a_key_that_comes_again_is_counted_once() -> None:
    lately = Lately(most=10)
    lately.keep("a", 1, 4)
    lately.keep("a", 2, 3)
    assert (lately.get("a"), lately.bytes) == (2, 3)


def test_what_would_push_out_all_else_is_not_kept() -> None:
    lately = Lately(most=10)
    lately.keep("a", 1, 4)
    lately.keep("b", 2, 6)
    assert "b" not in lately
    assert lately.get("a") == 1
