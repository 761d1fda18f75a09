"""What a map costs here and in each peer: one process for each pair, repetitions in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure, of_json
from benchmarks.measuring import in_turn, peak, say, timed
from benchmarks.peers import environment

# Torch has a MobileNetV2 of the same shapes here, and no other model.
TORCH, MEMORY, OURS = "captum", "tf_keras_vis", "salwidget"
VERSIONS = dict(pin.split("==") for pin in (*environment.PEERS, environment.TORCH))
FIRST = "first map ever, saliency"
ROUNDS = 3
# Pairs that take longer than so many seconds are repeated twice.
LONG = 20


def figures(seconds: float) -> Iterator[Figure]:
    """Asked for outside the environment of the peers; half of ``seconds`` for each pair."""
    names = {}
    for name in environment.MODULES:
        for one in printed("speed", name, str(seconds)):
            figure = of_json(one)
            assert isinstance(figure, Figure)
            names[name] = figure.than
            yield figure
    rounds = ROUNDS if seconds >= 1 else 1
    times = [{name: printed("first", name) for name in (OURS, *names)} for _ in range(rounds)]
    for name in names:
        yield Figure(FIRST, [each[OURS] for each in times], than=names[name], beside=[each[name] for each in times])
    highs = [printed("peak", name) for name in (OURS, MEMORY)]
    what = "Score-CAM, all 512 channels: memory above the model"
    yield Figure(what, highs[:1], "GB", "VGG16", than=names[MEMORY], beside=highs[1:])


def printed(*asked: str) -> Any:
    """The JSON that a process in the environment of the peers ends with; some peers print before it."""
    return json.loads(environment.call(*asked).splitlines()[-1])


# In the environment of the peers


def beside(name: str, seconds: float) -> list[Figure]:
    """Every task that a peer has, ours and theirs in turn, after one call of each that is not counted."""
    from benchmarks.peers.parity import peer
    from benchmarks.peers.tasks import TASKS, models

    found = []
    for model in dict.fromkeys(model for task in TASKS for model in task.models):
        if model != "MobileNetV2" and name == TORCH:
            continue
        made = models(model)
        theirs = peer(name).calls(made.logits, made.probabilities, made.images.few[0])
        for task in (task for task in TASKS if model in task.models and (task.asked or task.name) in theirs):
            our, their = task.ours(made), theirs[task.asked or task.name]()
            passes = task.spent(our())
            fewest = 2 if timed(their) > LONG else 3
            times = in_turn({"our": our, "their": their}, seconds / 2, fewest=fewest)
            say(f"  {peer(name).name}: {model}, {task.name}")
            found.append(
                Figure(
                    task.name,
                    times["our"],
                    model=model,
                    passes=passes,
                    than=peer(name).name,
                    beside=times["their"],
                    beside_passes=task.passes,
                )
            )
    return found


def first(name: str) -> float:
    """Seconds of the first saliency map of a process that has imported everything and made the model."""
    from benchmarks.peers.parity import peer
    from benchmarks.peers.tasks import SALIENCY, models

    made = models("MobileNetV2")
    if name == OURS:
        return timed(SALIENCY.ours(made))
    make = peer(name).calls(made.logits, made.probabilities, made.images.few[0])["saliency"]
    return timed(lambda: make()())


def highest(name: str) -> float:
    """GB above a VGG16 that has predicted once, at the highest, while its 512-channel Score-CAM is made."""
    from benchmarks.peers.parity import peer
    from benchmarks.peers.tasks import ALL_CHANNELS, models

    made = models("VGG16")
    if name == OURS:
        call = ALL_CHANNELS.ours(made)
    else:
        call = peer(name).calls(made.logits, made.probabilities, made.images.few[0])[ALL_CHANNELS.asked]()
    made.probabilities(made.images.few[:1])
    return peak(call)
