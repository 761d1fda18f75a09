import { Backgrounds } from "./Backgrounds";
import { ReplacementRow } from "./ReplacementRow";

/** What is put in the region's place, and what lies behind it. */
export function TestStrip() {
	return (
		<div class="sw-test-strip">
			<ReplacementRow />
			<Backgrounds />
		</div>
	);
}
