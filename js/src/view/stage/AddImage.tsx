import { useRef } from "preact/hooks";
import { ACCEPTED } from "../../state/upload";
import { Button } from "../Button";
import { useStore } from "../context";
import { AddImageIcon } from "../icons";

export function AddImage() {
	const store = useStore();
	const input = useRef<HTMLInputElement>(null);
	if (store.input.space.value !== 2) return null;
	return (
		<div class="sw-add">
			<Button
				class="sw-stage-button"
				label="add image"
				title="Add an image (or drop one here)"
				disabled={!store.alive.value}
				act={() => input.current?.click()}
			>
				<AddImageIcon />
			</Button>
			<input
				type="file"
				class="sw-hidden"
				ref={input}
				accept={ACCEPTED}
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
