/** Something that the set-up cannot do, told in one line that says what to do about it. */
export class SetupError extends Error {}
