// The two maps that stand side by side.

/** Of the image as it is: the pane of the tab that explains, which goes on being answered. */
export const OLD = "explain";
/** Of the edited image. */
export const NEW = "test";
