// The pretended kernel's dreams: they stream as the real ones do, a frame each time the page has painted the last.

import type { FakeModel } from "../test/fake-model";
import { coloured } from "./inputs";

export const SLOW_MS = 40;
const SIDE = 160;
const BATCH = 16;

interface Pretended {
	id: number;
	form: "single" | "grid";
	state: string;
	step: number;
	steps: number;
	titles: string[];
	filters: (number | null)[];
}

/** Answers the page's requests; `name` is the harness's ?case. */
export function dreamer(fake: FakeModel, name: string): (content: Record<string, unknown>) => void {
	const queue: Pretended[] = [];
	const known = new Map<number, Pretended>();
	let running: Pretended | null = null;
	let painted = true;
	let timer: ReturnType<typeof setTimeout> | undefined;

	function tellState(dream: Pretended, state: string, text = ""): void {
		dream.state = state;
		const notes = state === "done" ? ["Images are 0 to 255 and go through mobilenet_v2, by the model's name."] : [];
		const python = "salwidget.dream(model, 155, 20, steps=256)";
		const step = Math.min(dream.step, dream.steps);
		fake.tell({ kind: "dream", ...dream, step, shape: [SIDE, SIDE], text, notes, python });
	}
	function next(): void {
		if (running || queue.length === 0) return;
		running = queue.shift() as Pretended;
		tellState(running, "running");
		tick();
	}
	function tick(): void {
		clearTimeout(timer);
		timer = setTimeout(() => {
			if (running?.state !== "running") return;
			const dream = running;
			dream.step += 1;
			const share = dream.step % dream.steps;
			const offset = dream.form === "grid" ? BATCH * Math.floor((dream.step - 1) / 8) : 0;
			const count = dream.form === "grid" ? Math.min(BATCH, dream.titles.length - offset) : dream.titles.length;
			const ended = dream.step >= dream.steps * (dream.form === "grid" ? Math.ceil(dream.titles.length / BATCH) : 1);
			if (name === "dreamfail" && dream.step === 12) {
				running = null;
				tellState(dream, "failed", "The score is not a number since step 12: choose a smaller step size.");
				return next();
			}
			if (painted || ended) {
				painted = false;
				const side = dream.form === "grid" ? 96 : SIDE;
				const images = Array.from({ length: count }, (_, at) => coloured(side, offset + at, share / 40));
				const rgb = new Uint8Array(images.length * side * side * 3);
				for (const [at, image] of images.entries()) rgb.set(image, at * image.length);
				const scores = images.map((_, at) => 5 + 20 * (1 - Math.exp(-dream.step / 40)) + at);
				fake.tell(
					{
						kind: "frame",
						id: dream.id,
						step: dream.form === "grid" ? ((dream.step - 1) % 8) + 1 : dream.step,
						offset,
						shape: [count, side, side, 3],
						scores,
					},
					rgb,
				);
			}
			if (!ended) return tick();
			running = null;
			tellState(dream, "done");
			next();
		}, SLOW_MS);
	}
	function add(form: Pretended["form"], settings: Record<string, unknown>): void {
		const labels = fake.get("labels") as string[];
		const title = labels[fake.get("filter_indices") as number] ?? "a filter";
		const all =
			form === "grid" ? (name === "dreammany" ? 640 : 64) : settings.score === "both" ? 2 : Number(settings.count ?? 1);
		const titles = Array.from({ length: all }, (_, at) =>
			form === "grid"
				? `filter ${at}`
				: settings.score === "both"
					? `${title} · ${["logit", "probability"][at]}`
					: title,
		);
		const dream: Pretended = {
			id: known.size + 1,
			form,
			state: "queued",
			step: 0,
			steps: form === "grid" ? 8 : Number(settings.steps ?? 256),
			titles,
			filters: titles.map((_, at) => (form === "grid" ? at : 20)),
		};
		known.set(dream.id, dream);
		queue.push(dream);
		tellState(dream, "queued");
		next();
	}
	function card(id: number, place: number): void {
		const patches = Array.from({ length: 6 }, (_, at) => ({
			name: `image ${at}.jpg`,
			image_idx: at % 3,
			score: 9.5 - at,
			box: [0.1 + 0.05 * at, 0.2, 0.5 + 0.05 * at, 0.7],
			shape: [96, 96],
		}));
		const pictures = patches.map((_, at) => coloured(96, at, 0.6));
		const about = {
			kind: "dream_card",
			id,
			place,
			title: `Conv1 filter ${place}`,
			weights: [3, 3],
			map: [112, 112],
			patches,
		};
		fake.tell(about, coloured(3, place, 2), coloured(112, place + 3, 0.4), ...pictures);
	}
	return (content) => {
		const dream = known.get(content.id as number);
		const settings = content.settings as Record<string, unknown>;
		if (content.kind === "dream_start") add("single", settings);
		if (content.kind === "dream_filters") add("grid", settings);
		if (content.kind === "dream_painted") painted = true;
		if (!dream) return;
		if (content.kind === "dream_pause") tellState(dream, "paused");
		if (content.kind === "dream_resume") {
			tellState(dream, "running");
			tick();
		}
		if (content.kind === "dream_stop") {
			if (dream === running) running = null;
			queue.splice(0, queue.length, ...queue.filter((one) => one !== dream));
			tellState(dream, "stopped");
			next();
		}
		if (content.kind === "dream_more") {
			dream.steps *= 2;
			queue.push(dream);
			next();
		}
		if (content.kind === "dream_card") setTimeout(() => card(dream.id, content.place as number), 200);
		if (content.kind === "dream_export") {
			const file = {
				kind: "dream_file",
				id: dream.id,
				name: `dream.${content.format}`,
				mime: `image/${content.format}`,
			};
			fake.tell(file, Uint8Array.of(1, 2, 3));
		}
	};
}
