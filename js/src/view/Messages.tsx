import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Button } from "./Button";
import { useStore } from "./context";
import { CloseIcon } from "./icons";

/** A notice about a click ("Copied.") has been read by then; a question asked meanwhile ends it at once. */
const NOTICE_MS = 8000;

/** Errors and notices in strips over the bottom of the stage: nothing moves when one comes. */
export function Messages({ failures }: { failures: Signal<{ text: string } | null>[] }) {
	const store = useStore();
	const dismissed = useSignal<readonly string[]>([]);
	const notice = store.notice.value;
	useEffect(() => {
		if (!notice) return;
		const over = setTimeout(() => {
			if (store.notice.peek() === notice) store.notice.value = "";
		}, NOTICE_MS);
		return () => clearTimeout(over);
	}, [store, notice]);
	const absence = store.kernel.absence.value;
	return (
		<>
			{store.traits.notices.value
				.filter((text) => !dismissed.value.includes(text))
				.map((text) => (
					<Strip
						key={text}
						tone="notice"
						dismiss={() => {
							dismissed.value = [...dismissed.value, text];
						}}
					>
						{text}
					</Strip>
				))}
			{store.notice.value && (
				<Strip
					tone="notice"
					dismiss={() => {
						store.notice.value = "";
					}}
				>
					{store.notice.value}
				</Strip>
			)}
			{absence && <Strip tone="error">{absence}</Strip>}
			{failures.map(
				(failure, at) =>
					failure.value && (
						<Strip
							key={at}
							tone="error"
							dismiss={() => {
								failure.value = null;
							}}
						>
							{failure.value.text}
						</Strip>
					),
			)}
		</>
	);
}

interface StripProps {
	tone: "error" | "notice";
	dismiss?: () => void;
	children: ComponentChildren;
}

/** One sentence over the stage, in a colour and with a role of its own. */
export function Strip({ tone, dismiss, children }: StripProps) {
	return (
		<div class="sw-strip" data-tone={tone} role={tone === "error" ? "alert" : "status"}>
			<span>{children}</span>
			{dismiss && (
				<Button class="sw-strip-close" label="dismiss" act={dismiss}>
					<CloseIcon />
				</Button>
			)}
		</div>
	);
}
