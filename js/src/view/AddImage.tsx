import { useRef } from "preact/hooks";
import { ACCEPTED } from "../upload";
import { useStore } from "./context";
import { AddImageIcon } from "./icons";

export function AddImage() {
	const store = useStore();
	const input = useRef<HTMLInputElement>(null);
	return (
		<div class="sw-add">
			<button
				type="button"
				class="sw-stage-button"
				aria-label="add image"
				title="Add an image (or drop one here)"
				disabled={!store.alive.value}
				onClick={() => input.current?.click()}
			>
				<AddImageIcon />
			</button>
			<input
				type="file"
				class="sw-hidden"
				ref={input}
				accept={ACCEPTED.join(",")}
				aria-label="image file"
				tabIndex={-1}
				onChange={(event) => {
					const file = event.currentTarget.files?.[0];
					event.currentTarget.value = "";
					if (file) store.upload(file);
				}}
			/>
		</div>
	);
}
