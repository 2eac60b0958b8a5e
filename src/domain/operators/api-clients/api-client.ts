import { createHash, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { ROLES, type Role } from '../roles.ts';

/** A public key as a JWK (RFC 7517) with a name and one algorithm. */
export interface PublicJwk {
  readonly kid: string;
  readonly kty: 'EC' | 'OKP' | 'RSA';
  readonly alg: 'ES256' | 'EdDSA' | 'PS256';
  readonly [member: string]: unknown;
}

/** A program that acts for one operator, and can do no more than its person and no more than it was registered for. */
export interface ApiClient {
  /** `op-` and a UUID: no relying party's client is found under such a name. */
  readonly id: string;
  readonly operatorId: string;
  readonly name: string;
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  readonly roles: readonly Role[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
}

/** What an operator says of a program of theirs. */
export interface ApiClientWish {
  readonly name: string;
  /** One JWK or a key set, as JSON or parsed. */
  readonly jwks: unknown;
  readonly roles: readonly string[];
  readonly days: number;
}

const PREFIX = 'admin:';

/** A role as a scope of the admin API. */
export const apiScope = (role: Role): string => `${PREFIX}${role}`;

/** The role that a scope stands for, if it is one of the admin API's. */
export const roleOfScope = (scope: string): Role | undefined => ROLES.find((role) => scope === `${PREFIX}${role}`);

/** What its id looks like. */
export const API_CLIENT_ID = /^op-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const base64url = z
  .string('A part of the key is missing.')
  .regex(/^[A-Za-z0-9_-]{1,1400}$/, 'A part of the key is missing.');
const kid = z.string('Each key has a kid.').regex(/^[\x21-\x7e]{1,100}$/, 'A kid has 1 to 100 visible characters.');
const use = z.literal('sig', 'The key is for signatures.').optional();
// Strict: a private member is refused by name, not dropped, so that whoever pasted it knows that it has been seen.
const key = z.discriminatedUnion(
  'kty',
  [
    z.strictObject({
      ...{ kid, use, kty: z.literal('EC'), x: base64url, y: base64url },
      crv: z.literal('P-256', 'The curve is P-256.'),
      alg: z.literal('ES256', 'The algorithm is ES256.').default('ES256'),
    }),
    z.strictObject({
      ...{ kid, use, kty: z.literal('OKP'), x: base64url },
      crv: z.literal('Ed25519', 'The curve is Ed25519.'),
      alg: z.literal('EdDSA', 'The algorithm is EdDSA.').default('EdDSA'),
    }),
    z.strictObject({
      ...{ kid, use, kty: z.literal('RSA'), e: base64url },
      // FAPI 2.0 Security Profile §5.4.1: 2048 bits or more.
      n: base64url.refine((n) => Buffer.from(n, 'base64url').length >= 256, 'An RSA key has at least 2,048 bits.'),
      alg: z.literal('PS256', 'The algorithm is PS256.').default('PS256'),
    }),
  ],
  'A key is EC, OKP or RSA.',
);
const usable = (jwk: object): boolean => {
  try {
    return createPublicKey({ key: jwk as never, format: 'jwk' }).type === 'public';
  } catch {
    return false;
  }
};
const keySet = z
  .strictObject({
    keys: z.array(key.refine(usable, 'This is no point of its curve, or no number of its kind.')).min(1).max(4),
  })
  .refine(({ keys }) => new Set(keys.map((one) => one.kid)).size === keys.length, 'Each key has a kid of its own.');

const wish = z.strictObject({
  name: z
    .string('A name has 1 to 60 characters.')
    .transform((text) => text.normalize('NFC').trim())
    .pipe(z.string().regex(/^[^\p{C}]{1,60}$/u, 'A name has 1 to 60 characters.')),
  jwks: keySet,
  roles: z
    .array(z.enum(ROLES, 'This is no role.'))
    .transform((given): Role[] => ROLES.filter((role) => given.includes(role)))
    .refine((roles) => roles.length > 0, 'Choose at least one role.'),
  days: z.int('1 to 365 days.').min(1, '1 to 365 days.').max(365, '1 to 365 days.'),
});

/** The key by what it is (RFC 7638), however its parts were written and whatever it was called. */
export function keyThumbprint(jwk: PublicJwk): string {
  const { kty, crv, x, y, e, n } = createPublicKey({ key: jwk as never, format: 'jwk' }).export({ format: 'jwk' });
  const required = kty === 'RSA' ? { e, kty, n } : kty === 'EC' ? { crv, kty, x, y } : { crv, kty, x };
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}

/** A wish without faults. */
export type ParsedWish = z.output<typeof wish>;

/** The wish, or every fault of it. */
export function parseWish(
  given: ApiClientWish,
):
  | { readonly parsed: true; readonly wish: ParsedWish }
  | { readonly parsed: false; readonly faults: { readonly path: string; readonly message: string }[] } {
  const result = wish.safeParse({ ...given, jwks: asKeySet(given.jwks) });
  if (result.success) return { parsed: true, wish: result.data };
  return {
    parsed: false,
    faults: result.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message:
        issue.code === 'unrecognized_keys'
          ? `There is no member ${issue.keys.join(', ')} in a public key.`
          : issue.message,
    })),
  };
}

/** People paste one key as often as a set. */
function asKeySet(given: unknown): unknown {
  let value = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null && 'kty' in value ? { keys: [value] } : value;
}
