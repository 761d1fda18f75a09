import { useStore } from "../../view/context";
import { isFolded } from "../../view/fold";
import { NumberSlider } from "../../view/NumberSlider";
import { Row } from "../../view/Row";

const LARGEST = 999;

/** Which random numbers; there only for methods that draw some. */
export function SeedControl() {
	const store = useStore();
	const { seed } = store.traits;
	if (!store.method.value?.random || isFolded(store, "seed")) return null;
	return (
		<Row label="seed">
			<NumberSlider
				name="seed"
				value={seed.value}
				minimum={0}
				maximum={LARGEST}
				disabled={!store.alive.value}
				slide={(value) => {
					store.unfolded.value = true;
					store.ask({ seed: Math.round(value) });
				}}
			/>
		</Row>
	);
}
