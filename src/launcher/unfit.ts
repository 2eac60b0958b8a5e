/** Something about this machine or its settings must be put right first: one sentence, exit 78, never a stack. */
export class Unfit extends Error {}
