import { useSignal } from "@preact/signals";
import type { Parsed } from "../text/parsed";

/** What is wrong with the text that was typed while the control stood at `at`, and how to read another. */
export function useTyped(at: unknown) {
	const wrong = useSignal({ text: "", at: "" });
	const now = String(at);
	function read<T>(parsed: Parsed<T>, use: (value: T) => void): void {
		const problem = "problem" in parsed;
		wrong.value = { text: problem ? parsed.problem : "", at: now };
		if (!problem) use(parsed.value);
	}
	/** It is typed anew. */
	function forget(): void {
		wrong.value = { text: "", at: now };
	}
	return { problem: wrong.value.at === now ? wrong.value.text : "", read, forget };
}
