"""A dream: an iterator of frames, and its result."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from salwidget.dreams.ascent import Ascent
from salwidget.dreams.saving import History, png_of, save
from salwidget.dreams.views import Images, View, pictured
from salwidget.progress import progress_bar
from salwidget.query import Named, own_name

# Seconds that one compiled call may take: Stop waits for it, and the page cannot paint faster.
CALL = 0.06
MOST_STEPS = 64


@dataclass(frozen=True)
class Frame:
    """One step of a dream.

    Attributes
    ----------
    step : int
        Counted from 1.
    steps : int
        How many there are in all.
    images : float32 array (N, ..., C)
        In 0..1, as they were when the score was measured; ``picture`` is the same as uint8 (N, H, W, 3) for display,
        ``image`` like the dream's own ``image``. For several inputs each is a dict by input name.
    scores : float32 array (N,)
        The scores of the transformed images at this step; ``score`` is a float for a dream of one image.
    """

    step: int
    steps: int
    units: Images
    scores: np.ndarray
    view: View

    @property
    def images(self) -> np.ndarray | dict[str, np.ndarray]:
        return self.view.named(self.units)

    @property
    def image(self) -> np.ndarray | dict[str, np.ndarray]:
        return self.view.images(self.units)

    @property
    def score(self) -> float | np.ndarray:
        return self.view.scores(self.scores)

    @property
    def pictures(self) -> Images:
        """uint8 (N, H, W, 3) for each input."""
        return tuple(map(pictured, self.units))

    @property
    def picture(self) -> np.ndarray | dict[str, np.ndarray]:
        return self.view.named(self.pictures)


class Dream:
    """Iterate over it for a ``Frame`` at each step, or ``run()`` it to its end. Made by ``salwidget.dream``.

    What is to be done at each step (a plot, a log, a condition to stop at) goes into the loop over its frames. To stop, leave
    the loop; iterating again goes on as if nothing had happened, bit for bit.

    Attributes
    ----------
    step, steps : int
        Steps taken, and in all.
    image : float32 array (H, W, C), or (N, H, W, C) for several images
        In the range of displayed images, as ``salwidget.explain`` takes it; for several inputs a dict by input name, as is
        ``picture``, the same as uint8 for display.
    scores : float32 array (steps,) or (steps, N)
        One for each step, of the image as transformed at that step.
    titles : tuple of str
        What each image is a dream of.
    notes : tuple of str
        What was assumed, and what a person should know about the result.
    history
        Pictures at some of the steps, for a film.
    """

    def __init__(
        self,
        ascent: Ascent,
        score_at: Callable[[Images], np.ndarray],
        first: Images,
        view: View,
        titles: Sequence[str],
        steps: int,
        python: Callable[..., str],
        notes: Sequence[str],
    ) -> None:
        self._ascent = ascent
        self._score_at = score_at
        self._waiting: deque[Frame] = deque()
        self._scores: list[np.ndarray] = []
        self._images = first
        self._at_once = 1
        self._done = 0
        self._view = view
        self._python = python
        self.steps = steps
        self.step = 0
        self.titles = tuple(titles)
        self.notes = tuple(notes)
        self.history = History()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        if self.step >= self.steps:
            raise StopIteration
        if not self._waiting:
            self._climb()
        frame = self._waiting.popleft()
        self._check(frame)
        if frame.step == 2:
            self._note_stillness(frame.units)
        self.step = frame.step
        self._images = frame.units
        self._scores.append(frame.scores)
        self.history.add(frame.step, lambda: frame.pictures)
        return frame

    def run(self, progress: bool = True) -> Dream:
        """Take all remaining steps; after two seconds a bar shows the progress, unless ``progress`` is False."""
        title = "Dream" if len(self.titles) == 1 else f"{len(self.titles)} dreams"
        self._ascent.recheck()
        with progress_bar(title, self.steps, "steps", progress, self.step) as update:
            for frame in self:
                update(frame.step, "")
        return self

    def resume(self, steps: int = 0, progress: bool = True) -> Dream:
        """Take the remaining steps and ``steps`` more."""
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 0:
            raise ValueError(f"steps={steps!r} is out of range; use a whole number, 0 or more.")
        self.steps += int(steps)
        self._waiting = deque(replace(frame, steps=self.steps) for frame in self._waiting)
        return self.run(progress)

    @property
    def image(self) -> np.ndarray | dict[str, np.ndarray]:
        return self._view.images(self._images)

    @property
    def picture(self) -> np.ndarray | dict[str, np.ndarray]:
        """uint8 (H, W, 3), or (N, H, W, 3), for display."""
        return self._view.pictures(self._images)

    @property
    def pictures(self) -> Images:
        """uint8 (N, H, W, 3) for each input."""
        return tuple(map(pictured, self._images))

    @property
    def scores(self) -> np.ndarray:
        scores = np.array(self._scores, np.float32).reshape(self.step, len(self.titles))
        return scores if self._view.several else scores[:, 0]

    def evaluated(self) -> float | np.ndarray:
        """The score of the image without transforms: a float, or (N,) for several images."""
        return self._view.scores(self._score_at(self._images))

    def as_python(self, model: str = "model", named: Named = own_name) -> str:
        """The Python call that makes this dream; ``named`` gives the names of images and functions."""
        return self._python(self.steps, model, named)

    def save(self, path: str | Path) -> None:
        """Write the image (.png), or a film of its making (.gif); several inputs side by side.

        Raises
        ------
        ValueError
            For another ending, a film of a dream without steps, or a path that cannot be written; an existing file stays.
        """
        save(path, self.pictures, self.history)

    def _repr_png_(self) -> bytes | None:
        if all(each.ndim != 4 for each in self._images):
            return None
        return png_of(self.pictures)

    def __repr__(self) -> str:
        return f"<Dream of {', '.join(self.titles[:3])}{', ...' * (len(self.titles) > 3)}: step {self.step} of {self.steps}>"

    def _climb(self) -> None:
        """Take as many steps at once as fit into one call's time; their number does not affect the result."""
        at_once = min(self._at_once, self.steps - self._done)
        started = time.perf_counter()
        scores, images = self._ascent.advance(self._done, at_once)
        each = (time.perf_counter() - started) / at_once
        if self._done:  # the first call is compiled as it runs
            self._at_once = int(np.clip(CALL / each, 1, min(2 * self._at_once, MOST_STEPS)))
        for index in range(at_once):
            step = self._done + index + 1
            self._waiting.append(Frame(step, self.steps, tuple(each[index] for each in images), scores[index], self._view))
        self._done += at_once

    def _note_stillness(self, images: Images) -> None:
        moved = [(one != before).reshape(len(one), -1).any(1) for one, before in zip(images, self._images, strict=True)]
        still = [title for title, *any_of in zip(self.titles, *moved, strict=True) if not any(any_of)]
        if still:
            which = still[0] + f" and {len(still) - 1} more" * (len(still) > 1)
            self.notes += (f"The gradient is zero for {which} at this start: try another seed, or an image as start.",)

    def _check(self, frame: Frame) -> None:
        finite = [np.isfinite(each).reshape(len(each), -1).all(1) for each in (frame.scores, *frame.units)]
        if not (good := np.all(finite, axis=0)).all():
            self._waiting.appendleft(frame)  # asked again, it says so again
            what = self.titles[int(np.argmin(good))]
            raise ValueError(
                f"The dream of {what} became NaN or infinite at step {frame.step}; its last good image stays. "
                "Use a smaller learning rate, e.g. optimizer=keras.optimizers.Adam(0.01), or check the model's weights."
            )
