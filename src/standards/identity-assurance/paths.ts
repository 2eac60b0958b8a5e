import { isObject, type JsonObject, own } from './json.ts';
import type { ElementRequest, VerifiedClaimsRequest } from './request.ts';
import { restricts } from './restrictions.ts';
import { type List, type Parent, type Shape, VERIFICATION } from './shape.ts';

/** The claim that everything here is about. */
export const VERIFIED_CLAIMS = 'verified_claims';

const elements = (asked: VerifiedClaimsRequest): readonly ElementRequest[] =>
  Array.isArray(asked) ? asked : [asked as ElementRequest];

/** Names of the claims that a request asks for, in whichever of its elements. */
export const claimsWithin = (asked: VerifiedClaimsRequest): string[] => [
  ...new Set(elements(asked).flatMap(({ claims }) => Object.keys(claims ?? {}))),
];

/**
 * What a request asks for, place by place: `verified_claims.claims.birthdate`,
 * `verified_claims.verification.evidence.document.check_details.time`. Consent is given to these, and kept as these.
 */
export function pathsOf(asked: VerifiedClaimsRequest): string[] {
  const paths: string[] = [];
  keepOnly(asked, (path) => paths.push(path) > 0);
  return [...new Set(paths)];
}

/**
 * The request without what may not be answered. Whatever restricts and may not be answered takes along what it restricts: a
 * filter that is left out would let through more. Undefined where nothing is left.
 */
export function keepOnly(
  asked: VerifiedClaimsRequest,
  allowed: (path: string) => boolean,
): VerifiedClaimsRequest | undefined {
  const kept = elements(asked).flatMap((one): ElementRequest[] => {
    const path = `${VERIFIED_CLAIMS}.verification`;
    const verification = keep(one.verification, VERIFICATION, { path, allowed });
    if (verification === GONE || verification === undefined) return [];
    const claims = Object.entries(one.claims ?? {}).filter(([name]) => allowed(`${VERIFIED_CLAIMS}.claims.${name}`));
    return [{ verification, claims: Object.fromEntries(claims) } as ElementRequest];
  });
  return Array.isArray(asked) ? (kept.length > 0 ? kept : undefined) : kept[0];
}

/** What restricted this may not be answered. */
const GONE = Symbol('gone');

interface Place {
  readonly path: string;
  readonly allowed: (path: string) => boolean;
}

function keep(asked: unknown, shape: Shape | undefined, place: Place): unknown {
  if (shape?.kind === 'list' && !shape.whole && Array.isArray(asked)) return keepInList(asked, shape, place);
  if (shape?.kind === 'parent' && isObject(asked)) return keepInParent(asked, shape, place);
  const kept = shape !== undefined && place.allowed(place.path);
  return kept ? asked : restricts(asked) ? GONE : undefined;
}

function keepInParent(asked: JsonObject, shape: Parent, { path, allowed }: Place): unknown {
  const kept: [string, unknown][] = [];
  for (const [name, wish] of Object.entries(asked)) {
    const member = Object.hasOwn(shape.members, name) ? shape.members[name] : undefined;
    const one = keep(wish, member, { path: `${path}.${name}`, allowed });
    if (one === GONE) return GONE;
    if (one !== undefined) kept.push([name, one]);
    // Nothing can be answered without it.
    else if (shape.required.includes(name)) return restricts(asked) ? GONE : undefined;
  }
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function keepInList(asked: readonly unknown[], shape: List, { path, allowed }: Place): unknown {
  const kept = asked.map((entry) => {
    const type = own(own(entry, 'type'), 'value');
    return keep(entry, shape.each, { path: typeof type === 'string' ? `${path}.${type}` : path, allowed });
  });
  const left = kept.filter((one) => one !== GONE && one !== undefined);
  return left.length > 0 ? left : kept.includes(GONE) ? GONE : undefined;
}
