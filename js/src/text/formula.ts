// A formula as runs of text, where `_k` begins a subscript of one or more letters. Pure.

export interface Run {
	text: string;
	sub: boolean;
}

export function formulaRuns(formula: string): Run[] {
	return formula
		.split(/_([\p{L}\p{N}]+)/u)
		.map((text, at) => ({ text, sub: at % 2 === 1 }))
		.filter(({ text }) => text !== "");
}
