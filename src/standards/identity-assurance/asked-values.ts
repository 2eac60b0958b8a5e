import { isObject } from './json.ts';
import type { ElementRequest, VerifiedClaimsRequest } from './request.ts';

/** A value that somebody asks whether a claim has. */
export interface AskedValue {
  readonly claim: string;
  readonly value: unknown;
}

const elementsOf = (asked: VerifiedClaimsRequest): readonly ElementRequest[] =>
  (Array.isArray(asked) ? asked : [asked]) as readonly ElementRequest[];

/**
 * Every value that is held against a claim of the person: whether the claim comes back says whether it is theirs (Identity Assurance
 * 1.0 §5.5.1), so each of them is a guess that is heard.
 */
export const askedValues = (asked: VerifiedClaimsRequest): AskedValue[] =>
  elementsOf(asked).flatMap(({ claims }) =>
    Object.entries(claims ?? {}).flatMap(([claim, wish]) => valuesOf(wish).map((value) => ({ claim, value }))),
  );

function valuesOf(wish: unknown): unknown[] {
  if (!isObject(wish)) return [];
  const { value, values } = wish;
  return [...(Object.hasOwn(wish, 'value') ? [value] : []), ...(Array.isArray(values) ? values : [])];
}

const isRestricted = (wish: unknown): boolean =>
  isObject(wish) && (Object.hasOwn(wish, 'value') || Object.hasOwn(wish, 'values'));

/** The same request without claims that are held against a value: they are as unavailable as what nobody has. */
export function withoutAskedValues(asked: VerifiedClaimsRequest): VerifiedClaimsRequest {
  const kept = elementsOf(asked).map(
    ({ claims, ...element }) =>
      ({
        ...element,
        claims: Object.fromEntries(Object.entries(claims ?? {}).filter(([, wish]) => !isRestricted(wish))),
      }) as ElementRequest,
  );
  return Array.isArray(asked) ? kept : kept[0]!;
}
