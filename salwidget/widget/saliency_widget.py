"""``SaliencyWidget``: the notebook user's object. Its traits are the controls; setting one moves the page's."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from salwidget.widget.names import opened
from salwidget.widget.view import LOOK, QUESTION

if TYPE_CHECKING:
    import keras
    from PIL import Image

    from salwidget.heatmap import Heatmap
    from salwidget.images import Preprocess
    from salwidget.widget.session import Session


class Latest(traitlets.Any):
    """Tells of every new object, also of one that equals the old: a better answer to the same query."""

    def set(self, obj: Any, value: Any) -> None:
        name = str(self.name)
        old = getattr(obj, name)
        super().set(obj, value)
        if value is not old and value == old:
            obj._notify_trait(name, old, value)


class Checked(traitlets.Any):
    """A number, or what the check turns into one; ``None`` is checked too."""

    allow_none = False


class OfLayer(traitlets.Any):
    """What goes back to the usual when the layer moves, unless it is chosen while notifications are held."""

    def set(self, obj: Any, value: Any) -> None:
        if obj.chosen is not None:
            obj.chosen.add(self.name)
        super().set(obj, value)


class SaliencyWidget(ipywidgets.VBox):
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
    layer_idx, filter_indices
        What is explained: a layer by its index (negative from the end) or name, and one filter, several, or ``None``, the
        model's own top class. A class may be given by its label. The traits then hold the numbers.
    versus
        Filters of the same layer whose score is subtracted (A - B), or ``None``.
    cell, aim
        One cell of the feature map instead of its mean; what the score should do. As in ``salwidget.explain``.
    target
        Instead of these a ``Unit``, a sum of units or a callable on the model's output; ``None``: the controls decide.
    method, score, backprop_modifier, grad_modifier, seed, options
        How; the words of ``salwidget.explain``, ``options`` as a dict.
    image_idx, input_idx
        Which image, and over which of the model's inputs the map lies.
    opacity, threshold, colormap, charts
        How it looks; ``threshold`` is a fraction of the scale, ``colormap=""`` chooses by the sign of the map.
    tab
        ``"explain"``, or ``"dream"``: images that the target responds to, instead of maps.
    heatmap
        The last answer (read only), of older controls while ``status`` is not ``"fresh"``: ``wait()`` for the new one.
        Observers of it run on the worker's thread.
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

    layer_idx = Checked(-1)
    filter_indices = OfLayer(None, allow_none=True)
    versus = OfLayer(None, allow_none=True)
    cell = OfLayer(None, allow_none=True)
    aim = traitlets.Any("increase")
    target = traitlets.Any(None, allow_none=True)
    method = traitlets.Unicode("grad_cam")
    score = traitlets.Unicode("logit")
    backprop_modifier = traitlets.Any(None, allow_none=True)
    grad_modifier = traitlets.Any(None, allow_none=True)
    image_idx = traitlets.Int(0)
    input_idx = traitlets.Int(0)
    seed = traitlets.Int(0)
    options = traitlets.Dict()
    opacity = Checked(0.7)
    threshold = Checked(0.12)
    colormap = traitlets.Unicode("")
    charts = traitlets.Bool(True)
    tab = traitlets.Unicode("explain")
    heatmap = Latest(None, allow_none=True, read_only=True)
    dreamed = Latest(None, allow_none=True, read_only=True)
    status = traitlets.Unicode("computing", read_only=True)

    # Names that were set, to another value or the same, while notifications are held; None: they are not.
    chosen: set[str] | None = None
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
        unknown = set(controls) - {*QUESTION, *LOOK}
        if unknown:
            raise TypeError(f"SaliencyWidget has no {sorted(unknown)[0]!r}; its controls are {', '.join((*QUESTION, *LOOK))}.")
        # Here, because it imports TensorFlow: whoever has a model has paid for that already.
        from salwidget.load import load_model
        from salwidget.widget.controls import first_method
        from salwidget.widget.session import Session

        if isinstance(model, (str, PathLike)):
            model = load_model(model)
        session = Session(model, images, labels, preprocess)
        defaults = {"layer_idx": session.network.output.index, "method": first_method(session.network)}
        super().__init__([session.view, session.charts, session.dreams.chart])
        self._session = session
        try:
            values = {**defaults, **controls}
            for name in (*QUESTION, *LOOK):  # in this order: a filter is checked against its layer
                if name in values:
                    setattr(self, name, values[name])
        except Exception:
            self.close()
            raise
        self.observe(self._changed, names=[*QUESTION, *LOOK])
        session.open(self)

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
        if self._session is not None and self._session.answers_here:
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
        return self.heatmap

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
        self._at_work.dreams.start(settings)
        self.tab = "dream"

    @contextmanager
    def hold_trait_notifications(self) -> Iterator[None]:
        """Move several controls at once: a filter that is set with its layer is that filter, also where it was so before."""
        outer, self.chosen = self.chosen, set() if self.chosen is None else self.chosen
        try:
            with super().hold_trait_notifications():
                yield
                for name in self.chosen:  # one that is as it was is not checked there; another layer may not have it
                    self.traits()[name]._cross_validate(self, getattr(self, name))
        finally:
            self.chosen = outer

    @property
    def model(self) -> keras.Model:
        """The model that is asked."""
        return self._at_work.model

    @property
    def images(self) -> list[Any]:
        """All images, those dropped on the page too, as ``salwidget.explain`` takes them with ``preprocess``.

        Arrays at the size of the model's input, before ``preprocess``; for a model with several inputs dicts by name. In
        another widget those that came as files are called as here.
        """
        inputs, examples = self._at_work.network.inputs, self._at_work.gallery.examples
        if len(inputs) == 1:
            return [picture.given for (picture,) in examples]
        return [{each.name: one.given for each, one in zip(inputs, example, strict=True)} for example in examples]

    @property
    def preprocess(self) -> Preprocess | Mapping[str, Preprocess] | None:
        """From an image as displayed to what the model takes: the function that was given, or told by the model's name."""
        return self._at_work.gallery.preprocess

    @preprocess.setter
    def preprocess(self, preprocess: Preprocess | Mapping[str, Preprocess] | None) -> None:
        """Make inputs of all images anew, and ask again."""
        self._at_work.prepare(preprocess)

    @property
    def labels(self) -> list[str]:
        """Names of the classes."""
        return list(self._at_work.labels)

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
        return opened(number)

    def as_python(self) -> str:
        """The call that opens an equal widget, to be run in another cell; what is as usual is left out."""
        return self._at_work.python.constructed(self._at_work.python.names())

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
        from salwidget.widget.picturing import save

        save(self._at_work, path)

    def overlay(self) -> Image.Image:
        """The last answer over its image as a Pillow image, with the opacity, threshold and colours that the page shows.

        Raises
        ------
        ValueError
            For a map of a signal or a volume, or a widget that has no answer yet.
        """
        from salwidget.drawing import fitting_colormap
        from salwidget.widget.picturing import answered, look_of

        heatmap, look = answered(self._at_work), look_of(self._at_work)
        colors = fitting_colormap(look.colormap, heatmap.signed, look.dark).name
        return heatmap.overlay(opacity=self.opacity, threshold=self.threshold, colormap=colors)

    def close(self) -> None:
        """Stop the work of this widget and free what it holds; the last good heatmap stays readable."""
        if self._session is not None:
            session, self._session = self._session, None
            session.close()
            self.layout.close()
            self.set_trait("status", "closed")
        super().close()

    @property
    def _at_work(self) -> Session:
        if self._session is None:
            raise ValueError("The widget is closed: make a new one.")
        return self._session

    def _changed(self, change: Any) -> None:
        if self._session is not None:
            self._session.control_moved(change["name"], change["new"])

    @traitlets.validate(*QUESTION, *LOOK)
    def _fits(self, proposal: Any) -> Any:
        if self._session is None:
            return proposal["value"]
        try:
            return self._session.fitting(proposal["trait"].name, proposal["value"], self)
        except (ValueError, TypeError, OverflowError) as error:
            raise traitlets.TraitError(str(error)) from error
