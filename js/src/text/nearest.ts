// The name that is most like what was typed. Pure.

function pairs(word: string): Set<string> {
	const padded = ` ${word.toLowerCase()} `;
	return new Set(Array.from({ length: padded.length - 1 }, (_, at) => padded.slice(at, at + 2)));
}

/** By the share of letter pairs that both have (Dice's coefficient); "" where none has any. */
export function nearest(typed: string, names: readonly string[]): string {
	const wanted = pairs(typed);
	let [best, most] = ["", 0];
	for (const name of names) {
		const own = pairs(name);
		const common = [...own].filter((pair) => wanted.has(pair)).length;
		const likeness = (2 * common) / (own.size + wanted.size);
		if (likeness > most) [best, most] = [name, likeness];
	}
	return best;
}
