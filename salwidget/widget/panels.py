"""The tabs, one row each, in their order."""

from __future__ import annotations

from salwidget.widget.dream.panel import DreamPanel
from salwidget.widget.explain.panel import ExplainPanel
from salwidget.widget.panel import Panel
from salwidget.widget.test.panel import TestPanel

PANELS: dict[str, type[Panel]] = {each.name: each for each in (ExplainPanel, TestPanel, DreamPanel)}
