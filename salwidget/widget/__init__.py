"""The notebook widget. Only here are ipywidgets, anywidget and bqplot imported."""

from salwidget.widget.saliency_widget import SaliencyWidget

__all__ = ["SaliencyWidget"]
