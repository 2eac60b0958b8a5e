import { z } from 'zod';
import type { Fault } from '../client.ts';
import { bilingual, sentence, slug } from './texts.ts';

/** What can be said of a person by the chip of their card; a closed list. */
export const IN_PERSON_CLAIMS = [
  'age_over_14',
  'age_over_16',
  'age_over_18',
  'name',
  'birthdate',
  'gender',
  'address',
  'personal_identification_number',
  'portrait',
] as const;

/** One of `IN_PERSON_CLAIMS`. */
export type InPersonClaim = (typeof IN_PERSON_CLAIMS)[number];

const claims = z.array(z.enum(IN_PERSON_CLAIMS));

/**
 * The permission to check people who stand in front of one's counter. Presence is no consent that anybody could show later: each
 * purpose names the clause that it stands on, and what may be asked for it.
 */
export const inPersonSchema = z.strictObject({
  purposes: z
    .array(
      z.strictObject({
        id: slug,
        text: bilingual,
        legalBasis: sentence,
        claims: claims.default([]),
        face: z.enum(['required', 'optional']).default('required'),
      }),
    )
    .min(1)
    .max(10),
});

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What is wrong between this permission and the rest of a registration. */
export function inPersonFaults(input: Record<string, unknown>): Fault[] {
  if (input.inPersonVerification === undefined) return [];
  const at = 'inPersonVerification';
  const faults: Fault[] = [];
  if (!list(record(input.metadata).grant_types).includes('client_credentials'))
    faults.push({ path: at, message: 'Whoever checks people asks for itself: grant_types has client_credentials.' });
  const purposes = list(record(input.inPersonVerification).purposes).map(record);
  purposes.forEach(({ id, claims: asked }, index) => {
    if (purposes.findIndex((other) => other.id === id) < index)
      faults.push({ path: `${at}.purposes.${index}.id`, message: 'Another purpose has this id.' });
    list(asked).forEach((claim, place) => {
      if (list(asked).indexOf(claim) < place)
        faults.push({ path: `${at}.purposes.${index}.claims.${place}`, message: 'It is named already.' });
    });
  });
  return faults;
}
