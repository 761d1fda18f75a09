import { useStore } from "./context";

/** Says in words what the colours can't: that the map is of an older question, or that it is zero. */
export function StageLabel() {
	const { elsewhere, map, late, scale, state } = useStore();
	if (late.value)
		return <div class="sw-label">{map.value && !elsewhere.value ? `stale: ${map.value.target}` : state}</div>;
	if (scale.value?.zero && !map.value?.rgb) return <div class="sw-label">the map is zero</div>;
	return null;
}
