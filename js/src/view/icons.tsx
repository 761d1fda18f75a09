import type { ComponentChildren } from "preact";

export function Icon({ size = 14, children }: { size?: number; children: ComponentChildren }) {
	return (
		<svg
			class="sw-icon"
			width={size}
			height={size}
			viewBox="0 0 16 16"
			fill="none"
			stroke="currentColor"
			stroke-width="1.4"
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
		>
			{children}
		</svg>
	);
}

export function SearchIcon() {
	return (
		<Icon size={15}>
			<circle cx="7" cy="7" r="4.2" />
			<path d="m10.2 10.2 3.6 3.6" />
		</Icon>
	);
}

export function MoreIcon() {
	return (
		<Icon size={16}>
			<path d="M3 8h.01M8 8h.01M13 8h.01" stroke-width="2.2" />
		</Icon>
	);
}

export function CameraIcon() {
	return (
		<Icon>
			<path d="M2 5h3l1.2-2h3.6L11 5h3v8H2z" />
			<circle cx="8" cy="8.7" r="2.2" />
		</Icon>
	);
}

export function AddImageIcon() {
	return (
		<Icon size={15}>
			<path d="M13.5 8.6v4.1a.8.8 0 0 1-.8.8H3.3a.8.8 0 0 1-.8-.8V3.3a.8.8 0 0 1 .8-.8h4.1" />
			<path d="m3 12 3.2-3.2 2 2 1.6-1.6L13 12M12 2v4.6M9.7 4.3h4.6" />
		</Icon>
	);
}

export function CloseIcon() {
	return (
		<Icon size={12}>
			<path d="m3.5 3.5 9 9m0-9-9 9" />
		</Icon>
	);
}

export function SwapIcon() {
	return (
		<Icon size={12}>
			<path d="M2.5 5.5h10M9.8 2.8l2.7 2.7-2.7 2.7M13.5 11h-10M6.2 8.3 3.5 11l2.7 2.7" />
		</Icon>
	);
}

/** One small drawing a family of layers, found by the Keras class name. */
const FAMILIES: [RegExp, string][] = [
	[/Input/, "M2.5 8h8M7.5 4.8 10.7 8l-3.2 3.2M13.5 3v10"],
	[/Conv/, "M2.5 2.5h11v11h-11zM2.5 6.2h11M2.5 9.8h11M6.2 2.5v11M9.8 2.5v11"],
	[/Pool/, "M2 3.5h12L10 8.6v4.6l-4-1.8V8.6z"],
	[/Norm/, "M1.8 12.5c3.6 0 3.4-9 6.2-9s2.6 9 6.2 9"],
	[/Dense|Einsum/, "M3.5 3.5 12.5 8 3.5 12.5M3.5 8h9"],
	[/Softmax|Sigmoid/, "M2 12.5h3c3 0 2-9 5-9h4"],
	[/ReLU|Activation|ELU|Swish|GELU/i, "M2 11.5h6l6-8"],
	[/Add|Multiply|Subtract|Concatenate|Average$|Maximum/, "M8 3v10M3 8h10"],
	[/Drop|Noise|Random/, "M4 4h.01M8 4h.01M12 4h.01M4 8h.01M12 8h.01M4 12h.01M8 12h.01"],
	[/Flatten|Reshape|Permute|Padding|Cropping|Resizing|Rescaling/, "M2.5 3.5h5v9h-5zM10 8h4M12.4 6 14.4 8l-2 2"],
];

export function LayerIcon({ kind }: { kind: string }) {
	const path = FAMILIES.find(([pattern]) => pattern.test(kind))?.[1] ?? "M3 3h10v10H3z";
	return (
		<Icon size={12}>
			<path d={path} />
		</Icon>
	);
}
