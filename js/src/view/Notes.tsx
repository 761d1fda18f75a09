import { useStore } from "./context";

/** What the kernel says about this very map. */
export function Notes() {
	const notes = useStore().map.value?.notes ?? [];
	if (notes.length === 0) return null;
	return (
		<section aria-label="notes">
			<h2 class="sw-title">Notes</h2>
			<ul class="sw-notes">
				{notes.map((note) => (
					<li key={note}>{note}</li>
				))}
			</ul>
		</section>
	);
}
