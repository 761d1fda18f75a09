import type { Bar } from "./bars";

/** One bar; the number stands beside it, for all who cannot see it too. */
export function BarSpan({ of, kind }: { of: Bar; kind: "before" | "after" | "other" }) {
	const percent = (share: number) => `${100 * share}%`;
	return (
		<span
			class="sw-test-bar"
			data-kind={kind}
			style={{ marginLeft: percent(of.from), width: percent(of.to - of.from) }}
			aria-hidden="true"
		/>
	);
}
