import { z } from 'zod';
import { setting } from './declaration.ts';
import { address, decimal, hidden } from './rules.ts';

/** How well an engine tells a person from a picture of one, the least first (ISO/IEC 30107-3). */
export const PAD_LEVELS = ['none', 'active-challenge', 'tested'] as const;

const padLevel = z.enum(PAD_LEVELS, 'must be none, active-challenge or tested');
const tokenUrl = address('https:').optional();
const clientId = z.string().min(1).optional();
const clientSecret = z.string().min(1).transform(hidden).optional();
const namedThere = 'The name that we have there.';
const secretThere = 'The secret that goes with that name.';

/** Public keys only, each with a name and an algorithm: who holds these can say that somebody has died. */
const publicKey = z
  .looseObject({
    kty: z.enum(['EC', 'RSA', 'OKP']),
    kid: z.string().min(1),
    alg: z.enum(['ES256', 'ES384', 'PS256', 'Ed25519']),
  })
  // 2048 bits in base64url (NIST SP 800-57).
  .refine((key) => key.kty !== 'RSA' || String(key.n).length >= 342, 'an RSA key has 2048 bits or more')
  .refine((key) => !('d' in key) && !('k' in key), 'holds a private key: only public ones belong here');
const publicKeys = z
  .string()
  .transform((text, ctx): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      ctx.addIssue('must be a JSON Web Key Set: {"keys":[…]}');
      return z.NEVER;
    }
  })
  .pipe(
    z.object(
      { keys: z.array(publicKey, 'must be a JSON Web Key Set: {"keys":[…]}').min(1, 'must hold a key') },
      'must be a JSON Web Key Set: {"keys":[…]}',
    ),
  );

/** Those who know people better than we do, each over HTTPS. Without all three nobody signs up online. */
export const registerDeclarations = {
  populationRegistryUrl: setting({
    name: 'POPULATION_REGISTRY_URL',
    rule: address('https:').optional(),
    about:
      'The population register, which confirms who somebody is. Signing up online takes it, TELEPHONE_REGISTRY_URL and FACE_MATCHER_URL.',
  }),
  populationRegistryTokenUrl: setting({
    name: 'POPULATION_REGISTRY_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the population register come from (OAuth 2.0 client credentials).',
  }),
  populationRegistryClientId: setting({ name: 'POPULATION_REGISTRY_CLIENT_ID', rule: clientId, about: namedThere }),
  populationRegistryClientSecret: setting({
    ...{ name: 'POPULATION_REGISTRY_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  registerEventsIssuer: setting({
    name: 'REGISTER_EVENTS_ISSUER',
    rule: address('https:').optional(),
    about:
      'The `iss` of the register that reports deaths, names, numbers and cards by security event tokens at /register/events; without it nobody reports.',
  }),
  registerEventsKeys: setting({
    name: 'REGISTER_EVENTS_KEYS',
    rule: publicKeys.optional(),
    about: 'The public keys that it signs with, a JSON Web Key Set. Two at a time while it changes keys.',
  }),
  telephoneRegistryUrl: setting({
    name: 'TELEPHONE_REGISTRY_URL',
    rule: address('https:').optional(),
    about: 'The networks’ register of subscribers, which confirms in whose name a telephone number stands.',
  }),
  telephoneRegistryTokenUrl: setting({
    name: 'TELEPHONE_REGISTRY_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the networks’ register come from.',
  }),
  telephoneRegistryClientId: setting({ name: 'TELEPHONE_REGISTRY_CLIENT_ID', rule: clientId, about: namedThere }),
  telephoneRegistryClientSecret: setting({
    ...{ name: 'TELEPHONE_REGISTRY_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  enterpriseRegistryUrl: setting({
    name: 'ENTERPRISE_REGISTRY_URL',
    rule: address('https:').optional(),
    about: 'The register of enterprises, which says who acts for an organisation. Without it nobody acts for one here.',
  }),
  enterpriseRegistryTokenUrl: setting({
    name: 'ENTERPRISE_REGISTRY_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the register of enterprises come from.',
  }),
  enterpriseRegistryClientId: setting({ name: 'ENTERPRISE_REGISTRY_CLIENT_ID', rule: clientId, about: namedThere }),
  enterpriseRegistryClientSecret: setting({
    ...{ name: 'ENTERPRISE_REGISTRY_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  faceMatcherUrl: setting({
    name: 'FACE_MATCHER_URL',
    rule: address('https:').optional(),
    about: 'The engine that compares a face with a portrait.',
  }),
  faceMatcherTokenUrl: setting({
    name: 'FACE_MATCHER_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for the engine come from.',
  }),
  faceMatcherClientId: setting({ name: 'FACE_MATCHER_CLIENT_ID', rule: clientId, about: namedThere }),
  faceMatcherClientSecret: setting({
    ...{ name: 'FACE_MATCHER_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  faceMatcher: setting({
    name: 'FACE_MATCHER',
    rule: z.enum(['embedded'], 'must be embedded, or not given').optional(),
    about:
      'embedded: faces are compared in this process, in place of FACE_MATCHER_URL, by an engine that nobody has certified and that takes a photograph for its person.',
  }),
  faceEmbeddedAccepted: setting({
    name: 'FACE_EMBEDDED_ACCEPTED',
    rule: z.enum(['yes'], 'must be yes, or not given').optional(),
    about:
      'yes: whoever answers for this deployment knows what the embedded engine is worth. Outside the sandbox it does not run without.',
  }),
  faceThreshold: setting({
    name: 'FACE_THRESHOLD',
    rule: decimal(0.41, 0.99).default(0.45),
    about:
      'The cosine from which the embedded engine calls two faces one person’s; below 0.41 it would tell nobody apart.',
  }),
  fingerprintMatcherUrl: setting({
    name: 'FINGERPRINT_MATCHER_URL',
    rule: address('https:').optional(),
    about:
      'The system whose stations take and compare fingerprints at counters. Level 2 at a counter takes it, POPULATION_REGISTRY_URL, TELEPHONE_REGISTRY_URL and FACE_MATCHER_URL.',
  }),
  fingerprintMatcherTokenUrl: setting({
    name: 'FINGERPRINT_MATCHER_TOKEN_URL',
    rule: tokenUrl,
    about: 'Where access tokens for that system come from.',
  }),
  fingerprintMatcherClientId: setting({ name: 'FINGERPRINT_MATCHER_CLIENT_ID', rule: clientId, about: namedThere }),
  fingerprintMatcherClientSecret: setting({
    ...{ name: 'FINGERPRINT_MATCHER_CLIENT_SECRET', rule: clientSecret, about: secretThere },
    secret: true,
  }),
  faceMatcherPad: setting({
    name: 'FACE_MATCHER_PAD',
    rule: padLevel.default('none'),
    about:
      'How well the engine tells a person from a picture of one, by your word: none, active-challenge, or tested, which takes a laboratory’s report (ISO/IEC 30107-3).',
  }),
  remoteProofing: setting({
    name: 'REMOTE_PROOFING',
    rule: z.enum(['off', 'on'], 'must be off or on').default('off'),
    about:
      'on: people may prove from home who they are, by the chip of their card, their face and the register. It never gives account level 2; relying parties whose floor says `any` are told of it in a trust framework of its own. Takes an engine that a laboratory has tested.',
  }),
  facePadRequired: setting({
    name: 'FACE_PAD_REQUIRED',
    rule: padLevel.optional(),
    about:
      'What is asked of the engine in that; one that does less stops the start. tested when not given, active-challenge in the sandbox.',
  }),
};
