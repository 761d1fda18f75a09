import { emptinessOf } from "../../stage/paint";
import { formatPercent } from "../../text/format";
import { usePane } from "../pane";

/** Says in words what the colours can't: that the map is of an older question, or that it is zero. */
export function StageLabel() {
	const { current, map, late, scale, scene, state, why } = usePane();
	if (why.value) return <div class="sw-label">{why.value}</div>;
	const shown = scene.elsewhere.value ? null : map.value;
	if (late.value && shown && !shown.final && current.value) {
		return <div class="sw-label">stopped at {formatPercent(shown.progress)}</div>;
	}
	if (late.value) return <div class="sw-label">{shown ? `stale: ${shown.target}` : state}</div>;
	const emptiness = map.value?.rgb ? "" : emptinessOf(scale.value);
	if (emptiness) return <div class="sw-label">{emptiness}</div>;
	return null;
}
