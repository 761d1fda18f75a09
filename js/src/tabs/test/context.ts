import { useStore } from "../../view/context";
import { type EvidenceState, openEvidence } from "./evidence";

/** The state of the Test tab in this view. */
export function useEvidence(): EvidenceState {
	return useStore().stateOf(openEvidence);
}
