import { chooseClass } from "../target/choose";
import { useStore } from "../view/context";
import { FinderButton } from "../view/FinderButton";

/** Finds any class of the output; not there for a single one. */
export function ClassSearch() {
	const store = useStore();
	if (store.target.classes.value < 2) return null;
	return (
		<FinderButton label="find a class" disabled={!store.editable.value} choose={(index) => chooseClass(store, index)} />
	);
}
