"""A dream: the iterator of its frames, and what came of it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from salwidget.dream.appearance import Appearance
from salwidget.dream.ascent import Ascent
from salwidget.dream.saving import History, png_of, save
from salwidget.progress import progress_bar
from salwidget.query import Named, own_name

# Seconds that one compiled call may take: Stop waits for it, and a page can't paint faster.
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
        How many there will be.
    images : float32 array (N, ..., C)
        As they were when the score was measured, in 0..1; ``picture`` is the same as uint8 (N, H, W, 3) for people,
        ``image`` as the dream's own ``image``.
    scores : float32 array (N,)
        What the model gave them at this step, as they were transformed.
    """

    step: int
    steps: int
    images: np.ndarray
    scores: np.ndarray
    appearance: Appearance
    several: bool

    @property
    def image(self) -> np.ndarray:
        displayed = self.appearance.displayed(self.images)
        return displayed if self.several else displayed[0]

    @property
    def score(self) -> Any:
        return self.scores if self.several else float(self.scores[0])

    @property
    def picture(self) -> np.ndarray:
        return pictured(self.images)


class Dream:
    """Iterate over it for a ``Frame`` at each step, or ``run()`` it to its end. Made by ``salwidget.dream``.

    To stop is to ask for no more frames; the next one that is asked for goes on as if nothing had happened, bit for bit.

    Attributes
    ----------
    step, steps : int
        How many steps were taken, of how many.
    image : float32 array (H, W, C), or (N, H, W, C) where several were asked for
        In the range of the images that the model is shown: what ``salwidget.explain`` takes.
    scores : float32 array (steps,) or (steps, N)
        One for each step, of the image as it was transformed there.
    titles : tuple of str
        What each image is a dream of.
    notes : tuple of str
        What was assumed, and what a person should know of the result.
    history
        Pictures of some of the steps, for a film.
    """

    def __init__(
        self,
        ascent: Ascent,
        score_at: Callable[[np.ndarray], np.ndarray],
        first: np.ndarray,
        appearance: Appearance,
        titles: Sequence[str],
        steps: int,
        several: bool,
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
        self._several = several
        self._python = python
        self._appearance = appearance
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
            self._note_stillness(frame.images)
        self.step = frame.step
        self._images = frame.images
        self._scores.append(frame.scores)
        self.history.add(frame.step, lambda: frame.picture)
        return frame

    def run(self, progress: bool = True) -> Dream:
        """Take all steps that are left; after two seconds a bar shows how far it is, unless ``progress`` is False."""
        title = "Dream" if len(self.titles) == 1 else f"{len(self.titles)} dreams"
        with progress_bar(title, self.steps, "steps", progress, self.step) as tell:
            for frame in self:
                tell(frame.step, "")
        return self

    def resume(self, steps: int = 0, progress: bool = True) -> Dream:
        """Go on, for ``steps`` more than were asked for."""
        if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 0:
            raise ValueError(f"steps={steps!r} is out of range; use a whole number, 0 or more.")
        self.steps += int(steps)
        self._waiting = deque(Frame(f.step, self.steps, f.images, f.scores, f.appearance, f.several) for f in self._waiting)
        return self.run(progress)

    @property
    def image(self) -> np.ndarray:
        displayed = self._appearance.displayed(self._images)
        return displayed if self._several else displayed[0]

    @property
    def picture(self) -> np.ndarray:
        """uint8 (H, W, 3), or (N, H, W, 3), for people."""
        picture = pictured(self._images)
        return picture if self._several else picture[0]

    @property
    def scores(self) -> np.ndarray:
        scores = np.array(self._scores, np.float32).reshape(self.step, len(self.titles))
        return scores if self._several else scores[:, 0]

    def evaluated(self) -> Any:
        """The score of the image as it is, without transforms: a float, or (N,) where several were asked for."""
        scores = self._score_at(self._images)
        return scores if self._several else float(scores[0])

    def as_python(self, model: str = "model", named: Named = own_name) -> str:
        """The call that makes this dream, for a ``model`` at hand; ``named`` tells what images and functions are called."""
        return self._python(self.steps, model, named)

    def save(self, path: str | Path) -> None:
        """Write the image (.png), or the film of how it came to be (.gif).

        Raises
        ------
        ValueError
            For another ending, a film of a dream that has taken no step, or a place that cannot be written to: a file that
            was there stays as it was.
        """
        save(path, pictured(self._images), self.history)

    def _repr_png_(self) -> bytes | None:
        if self._images.ndim != 4:
            return None
        return png_of(pictured(self._images))

    def __repr__(self) -> str:
        return f"<Dream of {', '.join(self.titles[:3])}{', ...' * (len(self.titles) > 3)}: step {self.step} of {self.steps}>"

    def _climb(self) -> None:
        """Take as many steps at once as fit into one call's time; how many has no effect on what they give."""
        at_once = min(self._at_once, self.steps - self._done)
        started = time.perf_counter()
        scores, images = self._ascent.advance(self._done, at_once)
        each = (time.perf_counter() - started) / at_once
        if self._done:  # the first call is compiled as it runs
            self._at_once = int(np.clip(CALL / each, 1, min(2 * self._at_once, MOST_STEPS)))
        for place in range(at_once):
            step = self._done + place + 1
            self._waiting.append(Frame(step, self.steps, images[place], scores[place], self._appearance, self._several))
        self._done += at_once

    def _note_stillness(self, images: np.ndarray) -> None:
        still = [
            title for title, one, before in zip(self.titles, images, self._images, strict=True) if np.array_equal(one, before)
        ]
        if still:
            which = still[0] + f" and {len(still) - 1} more" * (len(still) > 1)
            self.notes += (
                f"There is no slope to climb for {which}: not awake at this start. Try another seed, or an image as start.",
            )

    def _check(self, frame: Frame) -> None:
        good = np.isfinite(frame.scores) & np.isfinite(frame.images).reshape(len(frame.images), -1).all(1)
        if not good.all():
            self._waiting.appendleft(frame)  # asked again, it says so again
            what = self.titles[int(np.argmin(good))]
            raise ValueError(
                f"The dream of {what} became NaN or infinite at step {frame.step}; its last good image stays. "
                "Use a smaller learning rate, e.g. optimizer=keras.optimizers.Adam(0.01), or check the model's weights."
            )


def pictured(images: np.ndarray) -> np.ndarray:
    """uint8 (N, H, W, 3) of images (N, H, W, C) in 0..1; of volumes (N, D, H, W, C) the middle slice; of signals one row."""
    if images.ndim == 3:
        images = images[:, None]
    if images.ndim == 5:
        images = images[:, images.shape[1] // 2]
    colours = images[..., :3] if images.shape[-1] >= 3 else images[..., :1]
    # In place: this is done for every frame of a film, and four new arrays would take as long as a tenth of a step.
    scaled = colours * np.float32(255)
    shown = np.clip(np.rint(scaled, out=scaled), 0, 255, out=scaled).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(shown, (*shown.shape[:3], 3)))
