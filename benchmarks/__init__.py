"""How fast salwidget is: ``make bench`` measures everything and writes docs/speed.md, ``python -m benchmarks NAME`` a part."""
