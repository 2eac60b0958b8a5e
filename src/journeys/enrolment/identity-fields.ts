import { z } from 'zod';
import type { Identity } from '../../domain/applications/index.ts';
import { parseIdentifier } from '../../domain/subscribers/index.ts';
import type { FieldErrors } from '../../platform/forms.ts';
import { oneLine } from '../../platform/plain-values/one-line.ts';

const figures = (most: number) =>
  z
    .string()
    .transform((text) => text.normalize('NFKC').trim())
    .pipe(z.string().regex(new RegExp(`^\\d{0,${most}}$`), 'sign-up.birthdate.form'))
    .optional()
    .default('');

/** What is typed of a person. Day and month may be missing: some people's papers know the year alone. */
export const identityFields = {
  accountType: z.enum(['citizen', 'foreigner'], 'sign-up.kind.missing'),
  identityNumber: z
    .string('sign-up.number.missing')
    .trim()
    .min(1, 'sign-up.number.missing')
    .max(64, 'sign-up.number.form')
    .transform((typed, check) => {
      const identifier = parseIdentifier(typed);
      if (identifier?.kind === 'number') return identifier.value;
      check.addIssue({ code: 'custom', message: 'sign-up.number.form' });
      return z.NEVER;
    }),
  // As it is written, apart from spaces around it: nobody's name is split, shortened or put into another case.
  fullName: z
    .string('sign-up.name.missing')
    .transform((typed) => oneLine(typed))
    .pipe(z.string().min(1, 'sign-up.name.missing').max(200, 'sign-up.name.long')),
  day: figures(2),
  month: figures(2),
  year: z
    .string('sign-up.birthdate.year')
    .transform((text) => text.normalize('NFKC').trim())
    .pipe(z.string().regex(/^\d{4}$/, 'sign-up.birthdate.year')),
};

/** What was typed, for the page that asks for it again. */
export const typedOf = (entered: Readonly<Record<string, string>>) => ({
  accountType: entered.accountType === 'foreigner' ? ('foreigner' as const) : ('citizen' as const),
  identityNumber: entered.identityNumber ?? '',
  fullName: entered.fullName ?? '',
  day: entered.day ?? '',
  month: entered.month ?? '',
  year: entered.year ?? '',
});

/** The same of what was understood. */
export function typedOfIdentity({ accountType, identityNumber, fullName, birthdate }: Identity) {
  const [year = '', month = '', day = ''] = birthdate.split('-');
  return { accountType, identityNumber, fullName, day, month, year };
}

/** An identity, or what to say beside the birth date: there must be such a day, and it is not ahead of us. */
export function identityOf(
  values: { accountType: 'citizen' | 'foreigner'; identityNumber: string; fullName: string } & Record<
    'day' | 'month' | 'year',
    string
  >,
  now: Date,
): { readonly identity: Identity } | { readonly errors: FieldErrors } {
  const { accountType, identityNumber, fullName, day, month, year } = values;
  if (day !== '' && month === '') return { errors: { birthdate: 'sign-up.birthdate.month' } };
  const birthdate = [year, month, day]
    .filter((part) => part !== '')
    .map((part, at) => part.padStart(at === 0 ? 4 : 2, '0'))
    .join('-');
  const [y = 0, m = 1, d = 1] = birthdate.split('-').map(Number);
  const date = new Date(Date.UTC(y, m - 1, d));
  const exists = y >= 1850 && date.getUTCMonth() === m - 1 && date.getUTCDate() === d;
  if (!exists || date > now) return { errors: { birthdate: 'sign-up.birthdate.none' } };
  return { identity: { accountType, identityNumber, fullName, birthdate } };
}

/** What is wrong with day, month or year is said once, beside the three. */
export function besideDate({ day, month, year, ...errors }: FieldErrors): FieldErrors {
  const birthdate = year ?? month ?? day;
  return birthdate === undefined ? errors : { ...errors, birthdate };
}
