import { z } from 'zod';
import { asOf, readAnswer } from '../../platform/partner/answer.ts';
import { createPartner, type PartnerParts, type Reachable } from '../../platform/partner/partner.ts';
import { dayOf } from './matching.ts';
import {
  GUARDIANSHIP_BASES,
  MISMATCH_REASONS,
  type PopulationRegistry,
  type RegisteredGuardianship,
  type RegisteredPortrait,
  type RegistryMatch,
  registryUnavailable,
} from './population-registry.ts';

/** What comes back at most: a portrait of 2 MiB in base64, and room beside it. For the guard that a register is asked through. */
export const POPULATION_ANSWER_LIMIT = 3 * 1024 * 1024;
const PORTRAIT_LIMIT = 2 * 1024 * 1024;

/** Names go round byte by byte in NFC; a register that composes otherwise is read as the same name. */
const text = z
  .string()
  .min(1)
  .max(500)
  .transform((written) => written.normalize('NFC'));
const name = text.pipe(
  z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}]*$/u),
);
const birthdate = z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/);
const number = z.string().regex(/^\d{12}$/);
const contacts = z.object({
  phone: z
    .string()
    .regex(/^\+\d{6,15}$/)
    .optional(),
  email: z.email().max(254).optional(),
});

const person = z.object({
  identityNumber: number,
  accountType: z.enum(['citizen', 'foreigner']),
  fullName: name,
  familyName: name.optional(),
  middleName: name.optional(),
  givenName: name.optional(),
  birthdate,
  gender: z.enum(['male', 'female', 'other']).optional(),
  nationality: z.string().regex(/^[A-Z]{3}$/),
  address: z
    .object({
      formatted: text,
      streetAddress: text.optional(),
      locality: text.optional(),
      region: text.optional(),
      postalCode: text.optional(),
      country: text.optional(),
    })
    .optional(),
  contacts,
  documentExpiresOn: z.iso.date().optional(),
});

const passport = z.object({
  issuingState: z.string().regex(/^[A-Z]{1,3}$/),
  documentNumber: z.string().regex(/^[A-Z0-9]{1,20}$/),
});

/** An answer about somebody else than was asked about is none. */
const match = (identityNumber: string, now: Date) =>
  z.discriminatedUnion('matched', [
    z.object({
      matched: z.literal(true),
      person: person.refine((found) => found.identityNumber === identityNumber),
      passport: passport.optional(),
      asOf: asOf(now),
    }),
    z.object({ matched: z.literal(false), reason: z.enum(MISMATCH_REASONS), contacts, asOf: asOf(now) }),
  ]);

const portrait = z.object({
  portrait: z
    .object({
      image: z
        .base64()
        .transform((encoded) => Buffer.from(encoded, 'base64'))
        .refine((image) => image.length > 0 && image.length <= PORTRAIT_LIMIT),
      takenOn: z.iso.date().optional(),
    })
    .nullable(),
});

/** One that names no basis knows minors alone: nobody is an adult's guardian by its word. */
const guardianship = z.object({
  isGuardian: z.boolean(),
  basis: z.enum(GUARDIANSHIP_BASES).default('guardian_of_minor'),
  until: z.iso.date().optional(),
});
const receipt = z.object({
  received: z.literal(true),
  caseNumber: z
    .string()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u),
});

/** A register that answers over HTTPS, as `population-registry.openapi.json` beside this file describes. */
export function createHttpPopulationRegistry(parts: PartnerParts): PopulationRegistry & Reachable {
  const register = createPartner(parts, registryUnavailable);
  const ask = <Rule extends z.ZodType>(path: string, question: object, rule: (now: Date) => Rule) =>
    register.ask(path, question, (body, now) => readAnswer(rule(now), body, registryUnavailable));
  return {
    resting: register.resting,
    greet: register.greet,
    match: async ({ identityNumber, fullName, birthdate: born }) =>
      (await ask('/identity-match', { identityNumber, fullName, birthdate: born }, (now) =>
        match(identityNumber, now),
      )) as RegistryMatch,
    portrait: async (identityNumber) =>
      ((await ask('/portrait', { identityNumber }, () => portrait)).portrait ?? undefined) as
        | RegisteredPortrait
        | undefined,
    async guardianship({ guardian, ward }): Promise<RegisteredGuardianship | undefined> {
      const { isGuardian, basis, until } = await ask('/guardianship', { guardian, ward }, () => guardianship);
      // What has ended by its own last day is no answer for today, whatever else it says.
      if (!isGuardian || (until !== undefined && until < dayOf(parts.clock.now()))) return undefined;
      return { basis, ...(until === undefined ? {} : { until }) };
    },
    requestCorrection: ({ identityNumber, what, statement, reference }) =>
      ask('/corrections', { identityNumber, what, statement, reference }, () => receipt),
  };
}
