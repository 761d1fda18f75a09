import { expect, it } from "vitest";
import { formulaRuns } from "../../src/text/formula";

it("sets subscripts of one or more letters", () => {
	expect(formulaRuns("Σ_k mean(∂S/∂A_ij) · A_k")).toEqual([
		{ text: "Σ", sub: false },
		{ text: "k", sub: true },
		{ text: " mean(∂S/∂A", sub: false },
		{ text: "ij", sub: true },
		{ text: ") · A", sub: false },
		{ text: "k", sub: true },
	]);
});

it("leaves a formula without subscripts alone", () => {
	expect(formulaRuns("x · ∂S/∂x")).toEqual([{ text: "x · ∂S/∂x", sub: false }]);
});
