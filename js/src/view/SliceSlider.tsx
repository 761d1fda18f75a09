import { useStore } from "./context";

/** Which slice of a volume shows; the kernel is not asked. */
export function SliceSlider() {
	const { scene } = useStore();
	const { depth, slice, space } = scene;
	if (space.value !== 3) return null;
	const words = `${slice.value + 1} of ${depth.value}`;
	return (
		<label class="sw-look-slider sw-slice">
			<span>slice</span>
			<input
				type="range"
				class="sw-range"
				aria-label="slice"
				min={0}
				max={depth.value - 1}
				step={1}
				value={slice.value}
				aria-valuetext={words}
				disabled={depth.value < 2}
				onInput={(event) => scene.cut(event.currentTarget.valueAsNumber)}
			/>
			<span class="sw-slice-words">{words}</span>
		</label>
	);
}
