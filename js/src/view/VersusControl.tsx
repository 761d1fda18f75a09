import { compareWith, swap } from "../target/choose";
import { formatFilters, parseFilters } from "../target/filters";
import { Button } from "./Button";
import { useStore } from "./context";
import { FinderButton } from "./FinderButton";
import { CloseIcon, SwapIcon } from "./icons";
import { Row } from "./Row";
import { TextField } from "./TextField";
import { useTyped } from "./typed";

/** Target B: filters of the same layer whose score is subtracted; off until some are chosen. */
export function VersusControl() {
	const store = useStore();
	const { layer_idx, versus } = store.traits;
	const { classes, layer, names, ofOutput, otherClass, filters } = store.target;
	const chosen = versus.value;
	const count = layer.value?.filters ?? 0;
	const { problem, read, forget } = useTyped([layer_idx.value, chosen]);
	if (count < 2 && chosen === null) return null;
	const disabled = !store.editable.value;
	const name = otherClass.value === null ? "" : store.target.className(otherClass.value);
	return (
		<Row
			label="versus"
			title="versus: what is subtracted"
			note={chosen === null ? undefined : `A − B${name && `, B is ${name}`}`}
			reason={problem}
		>
			<TextField
				label="versus"
				value={chosen === null ? "" : formatFilters(chosen)}
				placeholder="none"
				wide
				disabled={disabled}
				edit={forget}
				type={(text) => {
					const none = ["", "none"].includes(text.trim().toLowerCase());
					read(none ? { value: null } : parseFilters(text, count, names.value), (value) => compareWith(store, value));
				}}
			/>
			{ofOutput.value && classes.value > 1 && (
				<FinderButton
					label="find a class to subtract"
					disabled={disabled}
					choose={(index) => compareWith(store, index)}
				/>
			)}
			{chosen !== null && (
				<>
					<Button
						class="sw-step"
						label="swap A and B"
						title={filters.value === null ? "all filters together can't be B" : undefined}
						disabled={disabled || filters.value === null}
						act={() => swap(store)}
					>
						<SwapIcon />
					</Button>
					<Button class="sw-step" label="no target B" disabled={disabled} act={() => compareWith(store, null)}>
						<CloseIcon />
					</Button>
				</>
			)}
		</Row>
	);
}
