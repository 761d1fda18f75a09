// What was typed, understood; or one sentence that says what is wrong with it.

export type Parsed<T> = { value: T } | { problem: string };
