import { z } from 'zod';
import { oneLine } from '../../platform/plain-values/one-line.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Operator } from './operator.ts';
import { ROLES, type Role } from './roles.ts';

/** An operator as a change request says it: everything that two people agree on, and no identity number. */
export type OperatorValue = Pick<Operator, 'id' | 'person' | 'name' | 'email' | 'office' | 'roles' | 'state'>;

/** What is typed of somebody who becomes an operator. */
export interface Newcomer {
  readonly name: string;
  readonly email: string;
  /** Twelve figures; only a keyed hash is kept. */
  readonly identityNumber: string;
  readonly office: string;
}

/** The same as it is handed in: never the hash, but the number, which may be left out of somebody who stands there already. */
export type OperatorWish = Omit<OperatorValue, 'person'> & { readonly identityNumber?: string };

/** What is wrong, and where. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

const line = (most: number, message: string) =>
  z
    .string(message)
    .transform(oneLine)
    .refine((text) => text !== '' && text.length <= most, message);

/** In the order of the table, so that the same roles are the same value. */
const roles = z
  .array(z.enum(ROLES, 'This is no role.'), 'Say which roles.')
  .transform((given): Role[] => ROLES.filter((role) => given.includes(role)));

const fields = {
  name: line(100, 'A name has 1 to 100 characters.'),
  // As the mail channel takes it: one address and nothing else.
  email: z
    .string('Give one e-mail address.')
    .trim()
    .max(254, 'Give one e-mail address.')
    .regex(/^[^\s@<>,;:"\\()[\]]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i, 'Give one e-mail address.')
    .transform((address) => address.normalize('NFC').toLowerCase()),
  office: z.string('Say which office.').min(1, 'Say which office.').max(60, 'There is no such office.'),
};

const operatorValue = z.strictObject({
  id: z.uuid('An operator has a UUID.').transform((id) => id.toLowerCase()),
  person: z.string('Say who this is.').regex(/^[A-Za-z0-9_-]{43}$/, 'Say who this is, by personOf.'),
  ...fields,
  roles,
  state: z.enum(['invited', 'active', 'suspended', 'retired'], 'This is no state.'),
});
const newcomer = z.object({ ...fields, roles });

const NUMBER = 'An identity number has 12 digits.';
const operatorWish = operatorValue.omit({ person: true }).extend({
  identityNumber: z
    .string(NUMBER)
    .refine((typed) => figuresOf(typed) !== undefined, NUMBER)
    .optional(),
});

type Parsed<T> = { readonly parsed: true; readonly value: T } | { readonly parsed: false; readonly faults: Fault[] };

const read = <Schema extends z.ZodType>(schema: Schema, input: unknown): Parsed<z.output<Schema>> => {
  const result = schema.safeParse(input);
  if (result.success) return { parsed: true, value: result.data };
  return {
    parsed: false,
    faults: result.error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'There is no such member.' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    ),
  };
};

/** What was handed in as an operator, or every fault of it. */
export const parseOperator = (input: unknown): Parsed<OperatorValue> => read(operatorValue, input);

/**
 * What people say of an operator, with the hash in place of the number. Who it is of whom nobody gives the number is `known`, by
 * id: what somebody amends, or who is there.
 */
export async function receiveOperator(
  sealer: Sealer,
  input: unknown,
  known: (id: string) => Promise<Pick<OperatorValue, 'id' | 'person'> | undefined>,
): Promise<Parsed<OperatorValue>> {
  const wish = read(operatorWish, input);
  if (!wish.parsed) return wish;
  const { identityNumber, ...value } = wish.value;
  const person = identityNumber === undefined ? (await known(value.id))?.person : personHash(sealer, identityNumber);
  if (person !== undefined) return { parsed: true, value: { ...value, person } };
  return { parsed: false, faults: [{ path: 'identityNumber', message: NUMBER }] };
}

/** Somebody new, with the hash in place of the number. */
export function parseNewcomer(
  sealer: Sealer,
  { identityNumber, ...given }: Newcomer & { readonly roles: readonly string[] },
): Parsed<Omit<OperatorValue, 'id' | 'state'>> {
  const person = personHash(sealer, identityNumber);
  const rest = read(newcomer, given);
  if (rest.parsed && person) return { parsed: true, value: { ...rest.value, person } };
  const number = { path: 'identityNumber', message: NUMBER };
  return { parsed: false, faults: [...(rest.parsed ? [] : rest.faults), ...(person ? [] : [number])] };
}

/**
 * The human behind an identity number: its keyed hash. The number is never kept, and cannot be had from the hash without the
 * master secret. Spaces, dots and dashes are how people write it.
 */
export function personHash(sealer: Sealer, identityNumber: string): string | undefined {
  const figures = figuresOf(identityNumber);
  return figures === undefined ? undefined : sealer.keyedHash(`person ${figures}`).toString('base64url');
}

function figuresOf(identityNumber: string): string | undefined {
  if (identityNumber.length > 64) return undefined;
  const figures = identityNumber.normalize('NFKC').replace(/[\s.\-\p{Cf}\p{Pd}]/gu, '');
  return /^\d{12}$/.test(figures) ? figures : undefined;
}

/** The value of an operator as it stands. */
export const asValue = ({ id, person, name, email, office, roles: has, state }: Operator): OperatorValue => ({
  ...{ id, person, name, email, office, state },
  roles: has,
});
