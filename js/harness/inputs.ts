// Inputs for the harness that need no file: a photograph's stand-in, a heartbeat, a volume with a ball in it.

export interface Photo {
	shape: [number, number, 3];
	rgb: string;
}

export function gradient(w: number, h: number): Photo {
	const rgb = Uint8Array.from({ length: w * h * 3 }, (_, i) =>
		i % 3 === 0 ? Math.floor(i / 3) % w : Math.floor(i / 3 / w),
	);
	return {
		shape: [h, w, 3],
		rgb: btoa(String.fromCharCode(...rgb.subarray(0, 60_000))).padEnd((4 * w * h * 3) / 3, "A"),
	};
}

const BEATS = [0.15, 0.42, 0.68, 0.93];

/** Beats with noise, each channel of another size and shift: (length, channels). */
export function heartbeat(length: number, channels: number): Float32Array {
	return Float32Array.from({ length: length * channels }, (_, i) => {
		const [position, channel] = [Math.floor(i / channels), i % channels];
		const t = position / length - 0.01 * channel;
		const wave = BEATS.reduce((sum, at) => {
			const bump = (shift: number, width: number) => Math.exp(-(((t - at - shift) / width) ** 2));
			return sum + bump(0, 0.006) - 0.25 * bump(0.014, 0.006) + 0.2 * bump(0.07, 0.02) - 0.1 * bump(-0.013, 0.005);
		}, 0);
		return (channel + 1) * (wave + 0.02 * Math.sin(position * 1.7 + channel) + 0.03 * Math.sin(position / 40));
	});
}

/** A map that follows the beats, negative after each. */
export function heartbeatMap(length: number): Float32Array {
	return Float32Array.from({ length }, (_, position) => {
		const t = position / length;
		return BEATS.reduce((sum, at, n) => {
			const bump = (shift: number, width: number) => Math.exp(-(((t - at - shift) / width) ** 2));
			return sum + (n === 1 ? 3 : 1) * bump(0, 0.012) - (n === 1 ? 1.6 : 0.2) * bump(0.07, 0.025);
		}, 0);
	});
}

/** A voxel's darkness: a ball with a hollow, in a box of (depth, size, size). */
export function voxels(depth: number, size: number): Float32Array {
	return Float32Array.from({ length: depth * size * size }, (_, i) => {
		const x = (i % size) / size - 0.5;
		const y = (Math.floor(i / size) % size) / size - 0.5;
		const z = Math.floor(i / size / size) / depth - 0.5;
		const far = Math.hypot(x, y, z);
		const hollow = Math.hypot(x - 0.12, y + 0.08, z - 0.1) < 0.1;
		return far < 0.4 && !hollow ? 0.75 - 0.5 * far + 0.08 * Math.sin(20 * x + 9 * y) : 0.06;
	});
}

/** A map of the volume that is strongest at the hollow. */
export function hollowMap(depth: number, size: number): Float32Array {
	return Float32Array.from({ length: depth * size * size }, (_, i) => {
		const x = (i % size) / size - 0.62;
		const y = (Math.floor(i / size) % size) / size - 0.42;
		const z = Math.floor(i / size / size) / depth - 0.6;
		return 5 * Math.exp(-(x * x + y * y + z * z) / 0.02);
	});
}

/** RGB of waves that sharpen with `time`: what a dream looks like from afar. */
export function coloured(side: number, seed: number, time: number): Uint8Array {
	const sharp = Math.min(1, time);
	return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
		const colour = i % 3;
		const x = (Math.floor(i / 3) % side) / side;
		const y = Math.floor(i / 3 / side) / side;
		const wave = Math.sin(9 * x + seed + 3 * Math.sin(7 * y + colour + seed)) * Math.cos(8 * y - seed * colour);
		const noise = ((i * 7919 + seed * 104729) % 251) / 251 - 0.5;
		return 128 + 100 * (sharp * wave + (1 - sharp) * noise);
	});
}
