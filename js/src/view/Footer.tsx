import { useStore } from "./context";

export function Footer() {
	const { picture, announcement } = useStore();
	const [height, width] = picture.value?.shape ?? [];
	return (
		<footer class="sw-footer">
			<span class="sw-footer-image">{picture.value && `${picture.value.name} · ${width}×${height}`}</span>
			<span class="sw-hidden" role="status" aria-live="polite">
				{announcement.value}
			</span>
			<span>Space: original · j/k: next image · ? keys</span>
		</footer>
	);
}
