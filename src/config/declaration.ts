import type { z } from 'zod';

/** One setting: how the environment calls it, what it must be, and one sentence that says what it is for. */
export interface Declaration<Rule extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly rule: Rule;
  readonly about: string;
  /** Never printed; may also be given as the path of a file, in the same name with `_FILE` behind it. */
  readonly secret?: true;
  /** Production does not start without it, though the sandbox does. */
  readonly production?: 'required' | 'refused';
}

export const setting = <Rule extends z.ZodType>(declaration: Declaration<Rule>): Declaration<Rule> => declaration;
