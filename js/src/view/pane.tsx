import { type ComponentType, createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Pane } from "../stage/pane";
import { useStore } from "./context";

const PaneContext = createContext<Pane | null>(null);

/** The pane that the component shows. */
export function usePane(): Pane {
	const pane = useContext(PaneContext);
	if (!pane) throw new Error("a component outside of a pane");
	return pane;
}

/** The component, showing the pane of that name. */
export function inPane(name: string, Part: ComponentType): ComponentType {
	return () => (
		<PaneContext.Provider value={useStore().pane(name)}>
			<Part />
		</PaneContext.Provider>
	);
}
