import { z } from 'zod';
import { type Bilingual, type ClientTerms, type Contacts, type Fault, SECTORS, type Sector } from './client.ts';
import { usesSecret } from './client-secret.ts';
import { metadataFaults, metadataSchema } from './metadata/client-metadata.ts';
import { credentialFaults } from './metadata/credentials.ts';
import { fapiFaults } from './metadata/fapi.ts';
import { inPersonFaults, inPersonSchema } from './metadata/in-person.ts';
import { purposeFaults } from './metadata/purposes.ts';
import { bilingual, sentence, slug } from './metadata/texts.ts';
import { webUriFaults } from './metadata/uri.ts';

const floors = z.strictObject({
  accountLevel: z.union([z.literal(1), z.literal(2)]).optional(),
  authenticationLevel: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).optional(),
  phishingResistant: z.boolean().optional(),
  strong: z.boolean().optional(),
  proofing: z.enum(['in_person', 'any']).optional(),
});
const token = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/, 'This is no scope token (RFC 6749 §3.3).');

/** A moment, or the day that begins with it (UTC). */
const moment = z.union([z.iso.datetime(), z.iso.date().transform((day) => `${day}T00:00:00Z`)]);
const purpose = z.strictObject({
  id: slug,
  text: bilingual,
  legalBasis: sentence.optional(),
  scopes: z.array(token).default([]),
  claims: z.array(token).default([]),
});

/** What a client id looks like; nothing else is worth a look into the database, which knows no NUL. */
export const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,126}$/;

export const registrationSchema = z.strictObject({
  clientId: z.string().regex(CLIENT_ID, 'Letters, digits and . _ ~ -, at most 127.'),
  relyingParty: z.strictObject({
    id: slug,
    name: bilingual,
    legalEntity: z.strictObject({ id: slug, name: bilingual }),
    mark: z.string().regex(/^[\p{L}\p{N}]{1,2}$/u, 'One or two letters.'),
    colour: z.string().regex(/^#[0-9a-f]{6}$/, 'A colour is #rrggbb in small letters.'),
    contact: z.email().optional(),
    sector: z.enum(SECTORS).optional(),
    contacts: z
      .strictObject({
        dataProtection: z.email().optional(),
        technical: z.email().optional(),
        security: z.email().optional(),
      })
      .optional(),
  }),
  environment: z.enum(['sandbox', 'production']),
  fapi: z.boolean().default(false),
  metadata: metadataSchema,
  purpose: bilingual,
  purposes: z.array(purpose).min(1).max(30).optional(),
  keyExpiry: z.record(z.string().min(1).max(200), moment).optional(),
  secretExpiresAt: moment.optional(),
  eventsUri: z.string().min(1).max(2_000).optional(),
  inPersonVerification: inPersonSchema.optional(),
  floors: floors.default({}),
  scopeFloors: z.record(token, floors).default({}),
  claimFloors: z.record(token, floors).default({}),
  resourceFloors: z.record(z.url(), floors).default({}),
  acrVoluntary: z.boolean().default(false),
  pkceExemption: z.strictObject({ reason: sentence, nonce: z.boolean(), recordedAt: z.iso.datetime() }).optional(),
  allowedScopes: z.array(token),
  allowedClaims: z.array(token).default([]),
  legacyAcrMap: z.record(z.string().min(1), z.string().min(1)).optional(),
});

/** A registration as it is written by hand, in a clients file or by the console. */
export type Registration = z.input<typeof registrationSchema>;

/** A registration without faults. */
export interface ParsedRegistration extends ClientTerms {
  readonly clientId: string;
  readonly relyingParty: {
    readonly id: string;
    readonly name: Bilingual;
    readonly legalEntity: { readonly id: string; readonly name: Bilingual };
    readonly mark: string;
    readonly colour: string;
    readonly contact?: string;
    readonly sector?: Sector;
    readonly contacts?: Contacts;
  };
  readonly environment: 'sandbox' | 'production';
  readonly fapi: boolean;
  readonly metadata: Record<string, unknown>;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** The rules that stand between the members of a registration. */
function termsFaults(input: Record<string, unknown>): Fault[] {
  const metadata = record(input.metadata);
  const faults: Fault[] = [];
  const grants = Array.isArray(metadata.grant_types) ? metadata.grant_types : ['authorization_code'];
  const scopes = Array.isArray(input.allowedScopes) ? input.allowedScopes : [];
  if (grants.includes('authorization_code') && !scopes.includes('openid')) {
    faults.push({ path: 'allowedScopes', message: 'A client that signs people in has the scope openid.' });
  }
  if (typeof input.eventsUri === 'string') {
    const environment = input.environment === 'sandbox' ? 'sandbox' : 'production';
    for (const message of webUriFaults(input.eventsUri, { environment })) faults.push({ path: 'eventsUri', message });
  }
  if (input.pkceExemption !== undefined) {
    // RFC 9700 §2.1.1: PKCE for all; only a confidential client can be protected by nonce instead.
    if (metadata.token_endpoint_auth_method === 'none') {
      faults.push({ path: 'pkceExemption', message: 'A public client always uses PKCE.' });
    }
    if (input.fapi === true) faults.push({ path: 'pkceExemption', message: 'A FAPI client always uses PKCE.' });
  }
  return faults;
}

/** Who answers for a client in production, and to whom one turns. */
function partyFaults(input: Record<string, unknown>): Fault[] {
  const party = record(input.relyingParty);
  const contacts = record(party.contacts);
  return [
    ...(party.sector === undefined ? ['sector'] : []),
    ...['dataProtection', 'technical', 'security'].flatMap((role) =>
      contacts[role] === undefined ? [`contacts.${role}`] : [],
    ),
  ].map((member) => ({ path: `relyingParty.${member}`, message: 'In production this is given.' }));
}

/** The registration with its defaults, or every fault of it at once, each with its path. */
export function parseRegistration(
  input: unknown,
):
  | { readonly parsed: true; readonly registration: ParsedRegistration }
  | { readonly parsed: false; readonly faults: Fault[] } {
  const result = registrationSchema.safeParse(input);
  const given = record(input);
  const environment = given.environment === 'sandbox' ? 'sandbox' : 'production';
  const below = (faults: Fault[]): Fault[] =>
    faults.map(({ path, message }) => ({ path: `metadata.${path}`, message }));
  const faults = [
    ...(result.error?.issues ?? []).flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'There is no such member.' }))
        : [{ path: issue.path.join('.'), message: issue.message }],
    ),
    ...below(metadataFaults(given.metadata, environment)),
    ...(given.fapi === true ? below(fapiFaults(given.metadata)) : []),
    ...termsFaults(given),
    ...credentialFaults(given),
    ...purposeFaults(given, environment),
    ...inPersonFaults(given),
    ...(environment === 'production' ? partyFaults(given) : []),
  ];
  if (!result.success || faults.length > 0) return { parsed: false, faults };
  return { parsed: true, registration: result.data as ParsedRegistration };
}

/** Whether a client of this registration has a secret. */
export const needsSecret = (registration: Pick<ParsedRegistration, 'metadata'>): boolean =>
  usesSecret(registration.metadata.token_endpoint_auth_method);
