import { useStore } from "./context";
import { Row } from "./Row";
import { Select } from "./Select";

/** Which image; there only when there are several. */
export function ImageControl() {
	const store = useStore();
	const { images, image_idx } = store.traits;
	const at = image_idx.value;
	const last = images.value.length - 1;
	if (last < 1) return null;
	return (
		<Row label="image_idx">
			<button
				type="button"
				class="sw-step"
				aria-label="previous image"
				title="Previous image (k)"
				disabled={!store.alive.value || at === 0}
				onClick={() => store.stepImage(-1)}
			>
				‹
			</button>
			<Select
				name="image_idx"
				value={String(at)}
				choices={images.value.map(({ name }, index) => [String(index), `${index} ${name}`])}
				disabled={!store.alive.value}
				choose={(value) => store.ask({ image_idx: Number(value) })}
			/>
			<button
				type="button"
				class="sw-step"
				aria-label="next image"
				title="Next image (j)"
				disabled={!store.alive.value || at === last}
				onClick={() => store.stepImage(1)}
			>
				›
			</button>
		</Row>
	);
}
