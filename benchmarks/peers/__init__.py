"""salwidget beside the libraries that answer the same questions: the same maps, and what they cost.

The libraries live in an environment of their own, which ``python -m benchmarks.peers setup`` makes: ``make parity``.
"""
