import { z } from 'zod';
import type { Unavailable } from './partner.ts';

// A partner's clock may be a little ahead of ours; a statement about tomorrow would never grow old.
const CLOCK_SKEW = 60_000;

/** The moment that somebody's knowledge is of: with a zone, and not of the future. */
export const asOf = (now: Date) =>
  z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((moment) => moment.getTime() <= now.getTime() + CLOCK_SKEW);

/** Reads what came back to a question; anything else than an answer is the port's error. */
export function readAnswer<Rule extends z.ZodType>(
  rule: Rule,
  body: unknown,
  unavailable: Unavailable,
): z.output<Rule> {
  const read = rule.safeParse(body);
  // The cause is left behind: it would repeat what came.
  if (!read.success) throw unavailable('garbage');
  return read.data;
}
