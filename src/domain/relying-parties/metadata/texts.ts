import { z } from 'zod';
import { unseenIn } from '../../../platform/plain-values/one-line.ts';

/** A name for programs. */
export const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Small letters, digits and dashes, at most 63.');

/** What people read: one line in NFC, and nothing in it that they do not see. */
export const sentence = z
  .string()
  .transform((text) => text.normalize('NFC').trim())
  .pipe(
    z
      .string()
      .min(1)
      .max(300)
      .refine((text) => unseenIn(text).length === 0, {
        error: ({ input }) =>
          `People would read something else: this holds ${unseenIn(String(input)).join(', ')}. Leave that out.`,
      }),
  );

/** The same in both languages. */
export const bilingual = z.strictObject({ vi: sentence, en: sentence });
