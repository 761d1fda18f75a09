"""``SaliencyWidget``: the notebook user's object. Its traits are the controls; setting one moves the page's."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from salwidget.widget.control_traits import ControlTraits, described
from salwidget.widget.controls import ROWS, Controls
from salwidget.widget.names import Names, opened

if TYPE_CHECKING:
    import keras
    from PIL import Image

    from salwidget.heatmap import Heatmap
    from salwidget.images import Preprocess
    from salwidget.widget.context import WidgetContext
    from salwidget.widget.session import Session


class Latest(traitlets.Any):
    """Tells of every new object, also of one that equals the old: a better answer to the same query."""

    def set(self, obj: Any, value: Any) -> None:
        name = str(self.name)
        old = getattr(obj, name)
        super().set(obj, value)
        if value is not old and value == old:
            obj._notify_trait(name, old, value)


class SaliencyWidget(ControlTraits, ipywidgets.VBox):
    """Ask a trained Keras CNN questions by hand: ``display(SaliencyWidget(model))``.

    Parameters
    ----------
    model
        A built Keras model, which is not modified; or the path of a saved one.
    images
        Arrays (uint8 or float), Pillow images, paths, a list of them, or a batch (N, H, W, C). uint8 and photographs
        are resized to the model's input; signals are (L, C), volumes (D, H, W, C). For several inputs a dict by input
        name. Without any, a sample that fits is shown, and said to be one.
    labels
        Names of the classes: a list, a dict from number to name, or ``"imagenet"``.
    preprocess
        From float32 (H, W, C) as displayed to what the model takes; for several inputs a dict by input name.
    **controls
        First values of the traits below.

    Attributes
    ----------
    {controls}
    heatmap
        The last answer (read only), of older controls while ``status`` is not ``"fresh"``: ``wait()`` for the new one.
        Observers of it run on the worker's thread.
    intervention
        The last ``Intervention`` of the tab Test (read only), of which more controls come while the hand rests; ``None`` while
        nothing is marked.
    dreamed
        The last ``Dream`` of one target (read only); it goes on while the page shows it running. ``dreamed.save("x.gif")``.
    status
        ``"computing"``, ``"fresh"``, ``"stale"`` (stopped, or the model or its weights have changed since, which is looked
        for after each cell), ``"closed"`` or ``"error: ..."`` (read only).

    Raises
    ------
    TypeError, ValueError, traitlets.TraitError
        One sentence that says what is wrong and what to do.
    """

    __doc__ = (__doc__ or "").replace("{controls}", described(indent="    "))

    heatmap = Latest(None, allow_none=True, read_only=True)
    intervention = Latest(None, allow_none=True, read_only=True)
    dreamed = Latest(None, allow_none=True, read_only=True)
    status = traitlets.Unicode("computing", read_only=True)

    _session: Session | None = None

    def __init__(
        self,
        model: keras.Model | str | PathLike[str],
        images: Any = None,
        *,
        labels: Sequence[str] | Mapping[int, str] | str | None = None,
        preprocess: Preprocess | None = None,
        **controls: Any,
    ) -> None:
        if unknown := sorted(set(controls) - set(ROWS)):
            raise TypeError(f"SaliencyWidget has no {unknown[0]!r}; its controls are {', '.join(ROWS)}.")
        # Here, because it imports TensorFlow: whoever has a model has paid for that already.
        from salwidget.load import load_model
        from salwidget.widget.session import Session

        if isinstance(model, (str, PathLike)):
            model = load_model(model)
        session = Session(model, images, labels, preprocess)
        super().__init__([session.context.view, *session.figures])
        self._session = session
        try:
            session.context.widget = self
            self.controls = Controls.opened(controls, session.context.available)
        except Exception:
            self.close()
            raise
        session.open()

    def move(self, changes: Mapping[str, Any]) -> None:
        """Move several controls at once: all of them, or where one does not fit none.

        Raises
        ------
        TraitError
            One sentence, when a value does not fit.
        """
        if self._session is None:
            super().move(changes)
        else:
            self._session.moves.by_python(changes)

    def wait(self, timeout: float | None = None) -> Heatmap:
        """The answer to what the controls ask now, as soon as it is there; the page goes on showing better and better ones.

        Where the model or its weights have changed since the last answer, it is asked again.

        Parameters
        ----------
        timeout
            Seconds after which to give up; ``None``: never. An interrupt of the kernel ends the wait as well.

        Raises
        ------
        ValueError
            In one sentence, when the question cannot be answered, was stopped, or the widget is closed.
        TimeoutError
            When there is no answer after ``timeout`` seconds; the work goes on.
        RuntimeError
            Inside an observer of ``heatmap``, on the thread that answers.
        """
        if self._session is not None and self._session.context.worker.here:
            raise RuntimeError("wait() inside an observer would wait for itself: the answer is change['new'].")
        if self._session is not None:
            self._session.catch_up()
        done = threading.Event()

        def look(_: Any = None) -> None:
            if self.status != "computing":
                done.set()

        self.observe(look, "status")
        try:
            look()
            if not done.wait(timeout):
                raise TimeoutError(f"No answer within {timeout:g} s; the work goes on: wait() again, or stop it in the page.")
        finally:
            self.unobserve(look, "status")
        if self.status == "closed":
            raise ValueError("The widget is closed: make a new one.")
        if self.status == "stale":
            raise ValueError("The question was stopped before its answer was there: move a control to ask again.")
        if self.status.startswith("error: "):
            raise ValueError(self.status.removeprefix("error: "))
        heatmap: Heatmap = self.heatmap
        return heatmap

    def dream(self, **settings: Any) -> None:
        """Dream of the target in the Dream tab, after the dreams that wait there already.

        It pauses when no page has shown it for half a minute; without one use ``salwidget.dream``.

        Parameters
        ----------
        **settings
            Those of the tab, by the names in ``dream_settings`` of the view: ``steps``, ``seed``, ``start="image"``,
            ``parametrization="pixels"``, ``jitter``, ``tv`` and so on.

        Raises
        ------
        ValueError, TypeError
            One sentence that says what is wrong and what to do.
        """
        from salwidget.widget.dream.panel import DreamPanel

        self._at_work.panel(DreamPanel).start(settings)
        self.move({"tab": "dream"})

    @property
    def model(self) -> keras.Model:
        """The model that is asked."""
        return self._context.model

    @property
    def images(self) -> list[Any]:
        """All images, those dropped on the page too, as ``salwidget.explain`` takes them with ``preprocess``.

        Arrays at the size of the model's input, before ``preprocess``; for a model with several inputs dicts by name. In
        another widget those that came as files are called as here.
        """
        inputs, examples = self._context.network.inputs, self._context.gallery.examples
        if len(inputs) == 1:
            return [picture.given for (picture,) in examples]
        return [{each.name: one.given for each, one in zip(inputs, example, strict=True)} for example in examples]

    @property
    def preprocess(self) -> Preprocess | Mapping[str, Preprocess] | None:
        """From an image as displayed to what the model takes: the function that was given, or told by the model's name."""
        return self._context.gallery.preprocess

    @preprocess.setter
    def preprocess(self, preprocess: Preprocess | Mapping[str, Preprocess] | None) -> None:
        """Make inputs of all images anew, and ask again."""
        self._at_work.prepare(preprocess)

    @property
    def labels(self) -> list[str]:
        """Names of the classes."""
        return list(self._context.labels)

    @labels.setter
    def labels(self, labels: Sequence[str] | Mapping[int, str] | str | None) -> None:
        self._at_work.name_classes(labels)

    @classmethod
    def opened(cls, number: int) -> SaliencyWidget:
        """An open widget by its number: how copied Python finds one that no variable holds.

        Raises
        ------
        ValueError
            When it is closed, or was never there.
        """
        widget: SaliencyWidget = opened(number)
        return widget

    def as_python(self) -> str:
        """The call that opens an equal widget, to be run in another cell; what is as usual is left out."""
        from salwidget.widget.as_python import constructed

        return constructed(self._context, Names(self, self._context.number))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the last answer as a picture (.png), as the page shows it: with title, question, colour bar and theme.

        Image, overlay or map, the slice of a volume and the channels of a signal are those of the page at rest (0.3 s after
        the hand); without a page the overlay, where the map is strongest. The camera on the page draws the same, and the
        numbers beside a signal's lines, which are set in the page's fonts. Neither zooms: all of the map is in the picture.

        Raises
        ------
        ValueError
            For another ending, a place that cannot be written to, or a widget that has no answer yet.
        """
        from salwidget.widget.explain.panel import ExplainPanel
        from salwidget.widget.explain.picture import save

        save(self._at_work.panel(ExplainPanel), path)

    def overlay(self) -> Image.Image:
        """The last answer over its image as a Pillow image, with the opacity, threshold and colours that the page shows.

        Raises
        ------
        ValueError
            For a map of a signal or a volume, or a widget that has no answer yet.
        """
        from salwidget.drawing import fitting_colormap
        from salwidget.widget.explain.panel import ExplainPanel
        from salwidget.widget.explain.picture import answered, look_of

        heatmap, look = answered(self._at_work.panel(ExplainPanel)), look_of(self._context)
        colors = fitting_colormap(look.colormap, heatmap.signed, look.dark).name
        return heatmap.overlay(opacity=look.opacity, threshold=look.threshold, colormap=colors)

    def close(self) -> None:
        """Stop the work of this widget and free what it holds; the last good heatmap stays readable."""
        if self._session is not None:
            session, self._session = self._session, None
            session.close()
            self.layout.close()
            self.set_trait("status", "closed")
        super().close()

    @property
    def _context(self) -> WidgetContext:
        return self._at_work.context

    @property
    def _at_work(self) -> Session:
        if self._session is None:
            raise ValueError("The widget is closed: make a new one.")
        return self._session
