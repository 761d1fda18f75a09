import { Button } from "./Button";
import { useStore } from "./context";
import { foldedRows } from "./fold";

/** Shows the rows that are seldom used, and says which they are. */
export function MoreButton() {
	const store = useStore();
	const rows = foldedRows(store);
	if (rows.length === 0) return null;
	const open = store.unfolded.value;
	return (
		<Button
			class="sw-more"
			expanded={open}
			act={() => {
				store.unfolded.value = !open;
			}}
		>
			<span aria-hidden="true">{open ? "▾" : "▸"}</span> {open ? "fewer" : `more: ${rows.join(", ")}`}
		</Button>
	);
}
