import type { Cell } from "../kernel/traits";
import { formatCell, parseCell } from "../stage/places";
import { formatShape } from "../text/format";
import { Button } from "./Button";
import { useStore } from "./context";
import { isFolded } from "./fold";
import { CloseIcon } from "./icons";
import { Row } from "./Row";
import { TextField } from "./TextField";
import { useTyped } from "./typed";

/** One cell of the layer's feature map, or all of it. */
export function CellControl() {
	const store = useStore();
	const cells = store.target.layer.value?.cells ?? null;
	const cell = store.traits.cell.value;
	const shown = formatCell(cell);
	const { problem, read, forget } = useTyped([store.traits.layer_idx.value, shown]);
	// A cell that a layer can't have is shown all the same, to be taken back.
	if ((!cells && cell === null) || isFolded(store, "cell")) return null;

	function choose(chosen: Cell): void {
		store.unfolded.value = true;
		store.ask({ cell: chosen });
	}
	return (
		<Row
			label="cell"
			title="cell: Alt+click on the stage chooses one"
			note={cells ? `of ${formatShape(cells)}` : "this layer has no cells"}
			reason={problem}
		>
			<TextField
				label="cell"
				value={shown}
				wide
				disabled={!store.editable.value}
				edit={forget}
				type={(text) => read(parseCell(text, cells ?? []), choose)}
			/>
			{cell !== null && (
				<Button class="sw-step" label="all cells" disabled={!store.editable.value} act={() => choose(null)}>
					<CloseIcon />
				</Button>
			)}
		</Row>
	);
}
