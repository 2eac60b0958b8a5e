/** A command cannot go on, for a reason that the person can mend: one sentence on the error output, and this exit code. */
export class CommandFault extends Error {
  /** 2 unreadable input, 64 a word or option that is none, 69 something that must run does not (sysexits.h). */
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.name = 'CommandFault';
    this.status = status;
  }
}
