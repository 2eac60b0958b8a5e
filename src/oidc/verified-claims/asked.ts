import type { Client } from '../../domain/relying-parties/index.ts';
import {
  claimsWithin,
  keepOnly,
  pathsOf,
  VERIFIED_CLAIMS,
  type VerifiedClaimsRequest,
} from '../../standards/identity-assurance/index.ts';
import { CLAIMS } from './names.ts';

/** The places of the `claims` parameter. */
export const CHANNELS = ['userinfo', 'id_token'] as const;

/** The library passes on an object alone: an array travels in one, under a name that no request may have. */
export const carried = (asked: VerifiedClaimsRequest): object => (Array.isArray(asked) ? { any_of: asked } : asked);

/** What was asked, out of what the library passed on. */
export function uncarried(member: unknown): VerifiedClaimsRequest | undefined {
  if (typeof member !== 'object' || member === null) return undefined;
  return 'any_of' in member ? (member.any_of as VerifiedClaimsRequest) : (member as VerifiedClaimsRequest);
}

/** Every verified claims request of a `claims` parameter, in either place. */
const requestsIn = (claims: ClaimsByPlace): VerifiedClaimsRequest[] =>
  CHANNELS.flatMap((place) => uncarried(claims[place]?.[VERIFIED_CLAIMS]) ?? []);

/** The `claims` parameter as it is read after it was checked. */
export interface ClaimsByPlace {
  readonly userinfo?: Readonly<Record<string, unknown>>;
  readonly id_token?: Readonly<Record<string, unknown>>;
}

/** Names of claims that are asked for as verified ones: they touch the same floors as the plain ones. */
export const verifiedNames = (claims: ClaimsByPlace): string[] => requestsIn(claims).flatMap(claimsWithin);

/** Place by place what a person has to agree to. */
export const verifiedPaths = (claims: ClaimsByPlace): string[] => [...new Set(requestsIn(claims).flatMap(pathsOf))];

/** Numbers that join a person's data wherever they are known: theirs only who may have them by name. */
const DOCUMENT_NUMBER = /\.(document_number|serial_number|reference_number)$/;

/**
 * What of a request this client may have. Whoever may have a claim may have it verified, if it may have verified claims at all;
 * numbers of documents only where `document_number` is among its claims.
 */
export function keepEntitled(
  asked: VerifiedClaimsRequest,
  entitled: ReadonlySet<string>,
): VerifiedClaimsRequest | undefined {
  if (!entitled.has(VERIFIED_CLAIMS)) return undefined;
  const known = new Set(CLAIMS.filter((name) => entitled.has(name)).map((name) => `${VERIFIED_CLAIMS}.claims.${name}`));
  return keepOnly(asked, (path) => {
    if (path.startsWith(`${VERIFIED_CLAIMS}.claims.`)) return known.has(path);
    return !DOCUMENT_NUMBER.test(path) || entitled.has('document_number');
  });
}

/** Of a request, what a person has agreed to. */
export const keepAgreed = (
  asked: VerifiedClaimsRequest,
  agreed: readonly string[],
): VerifiedClaimsRequest | undefined => {
  const paths = new Set(agreed);
  return keepOnly(asked, (path) => paths.has(path));
};

/** What a client may ask for at all: its claims, and those that its scopes open. */
export const entitledTo = (
  client: Pick<Client, 'allowedClaims' | 'allowedScopes'> | undefined,
  opens: Readonly<Record<string, readonly string[]>>,
): Set<string> =>
  new Set([
    ...(client?.allowedClaims ?? []),
    ...(client?.allowedScopes ?? []).flatMap((scope) => (Object.hasOwn(opens, scope) ? opens[scope]! : [])),
  ]);
