import { useStore } from "../../view/context";
import { type DreamsState, openDreams } from "./dreams";

/** The state of the Dream tab in this view. */
export function useDreams(): DreamsState {
	return useStore().stateOf(openDreams);
}
