"""From a move of the brush to the new scores in the page, in the tab Test, less the time of the engine."""

from __future__ import annotations

from tests.browser.jupyterlab import Explorer, Notebook

MOVES = 40
# Less than the kernel waits for the hand to rest before it covers patches elsewhere.
PAUSE_MS = 150
# The seconds of the first answer to each stroke: the image edited, and its score beside the one before.
OBSERVE = """
seconds = []
def answered(change):
    made = change["new"]
    if made is not None and len(made.agreement) == 1:
        seconds.append(made.seconds)
w.observe(answered, "intervention")
"""
# The clock starts with a real pointer's move; scores of another region are the answer to it.
WATCH = """scores => {
    window.moved = 0;
    window.answered = [];
    window.addEventListener("pointermove", ({buttons}) => { if (buttons) window.moved ||= performance.now(); }, true);
    new MutationObserver(() => {
        if (!window.moved) return;
        window.answered.push(performance.now() - window.moved);
        window.moved = 0;
    }).observe(scores, {attributes: true, attributeFilter: ["data-region"]});
}"""
ANSWERED = "count => window.answered.length === count"


def strokes(notebook: Notebook, explorer: Explorer) -> list[float]:
    """Milliseconds of each move of a brush that goes on painting; the dot that it begins with is left out."""
    explorer.root.get_by_test_id("tab-test").click()
    explorer.root.get_by_role("button", name="brush", exact=True).click()
    notebook.evaluate(f"[exec({OBSERVE!r}, globals()), 0][1]")
    explorer.stage.scroll_into_view_if_needed()
    box = explorer.stage.locator(".sw-picture").bounding_box()
    assert box is not None
    mouse, page = explorer.page.mouse, explorer.page

    def at(move: int) -> tuple[float, float]:
        return box["x"] + box["width"] * (0.15 + 0.6 * move / MOVES), box["y"] + box["height"] * 0.5

    mouse.move(*at(0))
    mouse.down()
    page.wait_for_function("() => document.querySelector('[data-testid=target-line]')")
    explorer.root.get_by_test_id("scores").evaluate(WATCH)
    for move in range(1, MOVES + 1):
        page.wait_for_timeout(PAUSE_MS)
        mouse.move(*at(move))
        page.wait_for_function(ANSWERED, arg=move)
    times: list[float] = page.evaluate("() => window.answered")
    mouse.up()
    engine = [1e3 * spent for spent in notebook.evaluate("seconds")][-len(times) :]
    return [shown - spent for shown, spent in zip(times, engine, strict=True)]
