/** What the kernel says about this very map or dream. */
export function Notes({ notes }: { notes: readonly string[] }) {
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
