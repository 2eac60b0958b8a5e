/** Something about this machine or its settings must be put right first: a sentence each, exit 78, never a stack. */
export class Unfit extends Error {
  readonly faults: readonly string[];
  constructor(...faults: readonly string[]) {
    super(faults.join(' '));
    this.faults = faults;
  }
}
