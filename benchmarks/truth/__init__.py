"""Is a map true? Experiments whose answer is known beforehand, with nothing to download.

Every module holds pure functions that return numbers; ``tests/truth`` asserts on them at a small size, and
``python -m benchmarks.truth`` runs them at full size and writes them down in ``docs/truth.md``.
"""
