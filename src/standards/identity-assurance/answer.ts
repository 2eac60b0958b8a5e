import { isObject, type JsonObject, own } from './json.ts';
import type { ElementRequest, VerifiedClaimsRequest } from './request.ts';
import type { VerifiedClaims } from './response.ts';
import { fits, isRestriction, restricts } from './restrictions.ts';
import { type List, type Parent, type Shape, UNKNOWN, VERIFICATION } from './shape.ts';

/** One verification of a person, with everything that could be said of it, in the form of an answer. */
export interface Assured {
  readonly verification: JsonObject;
  readonly claims: JsonObject;
}

/** Something that was demanded is not so. */
const UNMET = Symbol('unmet');

/**
 * What is answered: an object for an object, an array for an array with one answer to each element that can be met
 * (Identity Assurance 1.0 §5.6), undefined where there is nothing to answer.
 */
export function answer(
  asked: VerifiedClaimsRequest,
  assured: Assured,
  now: Date,
): VerifiedClaims | VerifiedClaims[] | undefined {
  if (!Array.isArray(asked)) return answerOne(asked as ElementRequest, assured, now);
  const answers = asked.flatMap((one) => answerOne(one, assured, now) ?? []);
  return answers.length > 0 ? answers : undefined;
}

/**
 * Built by walking the request, so that nothing leaves that was not asked for. What is unmet in `claims` leaves that claim out;
 * unmet in `verification`, all of it (§5.7.4). Neither is an error, nor does `essential` make it one.
 */
function answerOne(asked: ElementRequest, assured: Assured, now: Date): VerifiedClaims | undefined {
  const verification = walk(asked.verification, assured.verification, VERIFICATION, now);
  if (verification === UNMET || verification === undefined) return undefined;
  const claims = Object.entries(asked.claims ?? {}).flatMap(([name, wish]) => {
    const held = own(assured.claims, name);
    return held !== undefined && fits(wish, held, now) ? [[name, held] as const] : [];
  });
  return {
    verification: withoutLooseReferences(withoutHoles(verification) as JsonObject),
    claims: Object.fromEntries(claims),
  } as VerifiedClaims;
}

function walk(asked: unknown, held: unknown, shape: Shape, now: Date): unknown {
  if (shape.kind === 'list' && Array.isArray(asked)) return walkList(asked, held, shape, now);
  if (shape.kind === 'parent' && isObject(asked)) return walkParent(asked, held, shape, now);
  // Null where members have to be named names none.
  if (shape.kind !== 'value') return undefined;
  if (held === undefined) return restricts(asked) ? UNMET : undefined;
  return fits(asked, held, now) ? held : UNMET;
}

function walkParent(asked: JsonObject, held: unknown, shape: Parent, now: Date): unknown {
  // Nothing is compared with a parent as a whole: what would restrict it is not met.
  if (isRestriction(asked)) return UNMET;
  const found: Record<string, unknown> = {};
  for (const [name, wish] of Object.entries(asked)) {
    const member = Object.hasOwn(shape.members, name) ? shape.members[name]! : UNKNOWN;
    const one = walk(wish, own(held, name), member, now);
    if (one === UNMET) return UNMET;
    if (one !== undefined) found[name] = one;
  }
  if (Object.keys(found).length === 0) return undefined;
  // §5.7.5: without what the schema wants in it the parent goes as well, also where that was not asked for: nothing comes along (§5.4).
  return shape.required.every((name) => found[name] !== undefined) ? found : undefined;
}

/** Entries are alternatives; what several of them match is answered once, with what each of them asks. */
function walkList(asked: readonly unknown[], held: unknown, shape: List, now: Date): unknown {
  const items = Array.isArray(held) ? held : [];
  if (items.length === 0) return asked.every(restricts) ? UNMET : undefined;
  // As long as it is merged, what is found stands where it stands in what is held.
  const found: unknown[] = items.map(() => undefined);
  let met = false;
  for (const entry of asked) {
    items.forEach((item, at) => {
      const one = walk(entry, item, shape.each, now);
      if (one === UNMET) return;
      met = true;
      found[at] = merged(found[at], one);
    });
  }
  if (!met) return UNMET;
  return shape.whole ? items : found.some((one) => one !== undefined) ? found : undefined;
}

function merged(one: unknown, other: unknown): unknown {
  if (one === undefined || other === undefined) return one ?? other;
  if (Array.isArray(one) && Array.isArray(other)) return one.map((item, at) => merged(item, other[at]));
  if (!isObject(one) || !isObject(other)) return one;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, merged(one[name], other[name])]));
}

function withoutHoles(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((one) => one !== undefined).map(withoutHoles);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutHoles(one)]));
}

/** A detail may only point at a check that this answer holds (Schema Definition 1.0 §5.4.2). */
function withoutLooseReferences(verification: JsonObject): JsonObject {
  const process = verification.assurance_process as { assurance_details?: JsonObject[] } | undefined;
  if (!process?.assurance_details) return verification;
  const evidence = (verification.evidence ?? []) as { check_details?: { check_id?: string }[] }[];
  const known = new Set(evidence.flatMap(({ check_details = [] }) => check_details.map(({ check_id }) => check_id)));
  const details = process.assurance_details.map(({ evidence_ref, ...detail }) => {
    const kept = ((evidence_ref ?? []) as { check_id: string }[]).filter(({ check_id }) => known.has(check_id));
    return kept.length > 0 ? { ...detail, evidence_ref: kept } : detail;
  });
  return { ...verification, assurance_process: { ...process, assurance_details: details } };
}
