/** A reader of bytes from outside, and honest bytes to begin with. */
export interface Target {
  readonly name: string;
  /** Never empty; the first is read without a refusal. The same in every process, so that a case can be had again. */
  seeds(): Buffer[] | Promise<Buffer[]>;
  /** Returns or throws `Refused`; a fault is whatever else it throws. */
  parse(bytes: Buffer): unknown;
  /** What a case costs beside a cheap one, 1 by default: a target of cost 10 has a tenth of the cases. */
  readonly cost?: number;
}
