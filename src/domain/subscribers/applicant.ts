import { z } from 'zod';
import { isTestNumber, normalPhone } from './identifier.ts';
import type { Applicant } from './subscriber.ts';

const nfc = z.string().transform((text) => text.normalize('NFC').trim());
const name = nfc.pipe(
  z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}]*$/u, 'A name holds no control characters.'),
);
const line = nfc.pipe(z.string().min(1).max(500));
// What a relying party may put into a link: never another scheme (abuse case 29).
const webAddress = z.url({ protocol: /^https$/ }).max(2_000);

const isDay = (text: string): boolean => {
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  const date = new Date(Date.UTC(year, month - 1, day));
  return (
    year >= 1850 && date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  );
};

/** What a person to be registered must look like. Nothing is made up: a part that is missing stays missing. */
const applicantSchema = z.strictObject({
  accountType: z.enum(['citizen', 'foreigner']),
  identityNumber: z.string().regex(/^\d{12}$/, 'An identity number has 12 digits.'),
  fullName: name,
  familyName: name.optional(),
  middleName: name.optional(),
  givenName: name.optional(),
  nickname: name.optional(),
  preferredUsername: name.optional(),
  birthdate: z
    .string()
    .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, 'A birth date is YYYY, YYYY-MM or YYYY-MM-DD.')
    .refine(isDay, 'There is no such day.'),
  gender: z.enum(['male', 'female', 'other']).optional(),
  nationality: z.string().regex(/^[A-Z]{3}$/, 'A nationality is a code of three letters (ISO 3166-1 alpha-3).'),
  phone: z
    .string()
    .refine((typed) => normalPhone(typed) !== undefined, 'No such telephone number can exist.')
    .transform((typed) => normalPhone(typed) ?? typed)
    .optional(),
  phoneVerified: z.boolean().optional(),
  email: z.email().max(254).optional(),
  emailVerified: z.boolean().optional(),
  address: z
    .strictObject({
      formatted: line,
      streetAddress: line.optional(),
      locality: line.optional(),
      region: line.optional(),
      postalCode: line.optional(),
      country: line.optional(),
    })
    .optional(),
  profile: webAddress.optional(),
  picture: webAddress.optional(),
  website: webAddress.optional(),
  zoneinfo: z
    .string()
    .regex(/^[A-Za-z_]+(\/[A-Za-z_-]+){1,2}$/)
    .optional(),
  locale: z.enum(['vi', 'en']),
  test: z.boolean(),
});

/** The applicant in normal form, or every fault at once, each with its path. */
export function parseApplicant(
  input: Applicant,
): { readonly parsed: true; readonly applicant: Applicant } | { readonly parsed: false; readonly faults: string[] } {
  const result = applicantSchema.safeParse(input);
  const faults = result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (input.test && !isTestNumber(input.identityNumber)) {
    faults.push('identityNumber: An invented person has a number of the test range, 097 to 100.');
  }
  if (!result.success || faults.length > 0) return { parsed: false, faults };
  return { parsed: true, applicant: result.data as Applicant };
}
