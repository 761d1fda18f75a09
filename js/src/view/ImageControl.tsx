import { stepImage } from "../target/choose";
import { Button } from "./Button";
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
			<Button
				class="sw-step"
				label="previous image"
				title="Previous image (k)"
				disabled={!store.alive.value || at === 0}
				act={() => stepImage(store, -1)}
			>
				‹
			</Button>
			<Select
				name="image_idx"
				value={String(at)}
				choices={images.value.map(({ name }, index) => [String(index), `${index} ${name}`])}
				disabled={!store.alive.value}
				choose={(value) => store.ask({ image_idx: Number(value) })}
			/>
			<Button
				class="sw-step"
				label="next image"
				title="Next image (j)"
				disabled={!store.alive.value || at === last}
				act={() => stepImage(store, 1)}
			>
				›
			</Button>
		</Row>
	);
}
