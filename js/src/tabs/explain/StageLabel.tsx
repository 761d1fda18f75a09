import { sameQuestion } from "../../kernel/question";
import { emptinessOf } from "../../stage/paint";
import { formatPercent } from "../../text/format";
import { useStore } from "../../view/context";

/** Says in words what the colours can't: that the map is of an older question, or that it is zero. */
export function StageLabel() {
	const { map, late, question, scale, scene, state, why } = useStore();
	if (why.value) return <div class="sw-label">{why.value}</div>;
	const shown = scene.elsewhere.value ? null : map.value;
	if (late.value && shown && !shown.final && sameQuestion(shown.asked, question.value)) {
		return <div class="sw-label">stopped at {formatPercent(shown.progress)}</div>;
	}
	if (late.value) return <div class="sw-label">{shown ? `stale: ${shown.target}` : state}</div>;
	const emptiness = map.value?.rgb ? "" : emptinessOf(scale.value);
	if (emptiness) return <div class="sw-label">{emptiness}</div>;
	return null;
}
