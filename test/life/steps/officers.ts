import assert from 'node:assert/strict';
import type { CounterApplication as Application, CLAIMS } from '../../../src/domain/counter/index.ts';
import { newToken } from '../../../src/platform/ids.ts';
import { photoNow } from '../../support/applications.ts';
import { cardOf, type PocketCard } from '../cards.ts';
import { holds } from '../holds.ts';
import { rulesOf } from '../rules.ts';
import {
  type Citizen,
  counting,
  isActive,
  isGood,
  isOver,
  isReplaced,
  isReported,
  opensAtCounter,
} from '../village.ts';
import type { World } from '../world.ts';

export type Claim = (typeof CLAIMS)[number];

/** What an officer has seen, or has not; `worn`: fingers that a second officer overrides. `leaves`: before anything is bound. */
export const SEEN = ['everything', 'leaves', 'worn', 'silicone', 'no fingers', 'no face', 'another card'] as const;
export type Seen = (typeof SEEN)[number];

export const CAPTURES = { worn: 'WORN', silicone: 'FALSE', 'no fingers': 'MISSING' } as const satisfies Partial<
  Record<Seen, string>
>;
let captures = 0;

/** Over what the process dies at a counter, and how many statements that is, with some to spare: then it is done, and lives. */
export const STATEMENTS = { receiving: 16, deciding: 30, overriding: 30, 'binding afresh': 30 } as const;
export const MIDST_AT_COUNTER = Object.keys(STATEMENTS) as readonly (keyof typeof STATEMENTS)[];
/** Where every connection dies, and afterwards whether it had been done. */
export interface Dying {
  readonly over: keyof typeof STATEMENTS;
  readonly at: number;
  done?: boolean;
}

/**
 * Does it. Where this is what the process dies over, it was done whole or not at all: `done` says which, everything still holds, and
 * what was not done is done again.
 */
export async function unlessDying<T>(
  world: World,
  { who, dying, over }: { readonly who: Citizen; readonly dying: Dying | undefined; readonly over: Dying['over'] },
  { act, done }: { readonly act: () => Promise<T>; readonly done: () => Promise<T | undefined> },
): Promise<T> {
  if (dying?.over !== over) return act();
  await world.cut(dying.at, act);
  const was = await done();
  dying.done = was !== undefined;
  if (was !== undefined) return was;
  await holds(world, who);
  return act();
}

/** A card is held to the reader of the counter. */
export async function held(world: World, application: Application, card: PocketCard) {
  const { counter, officers } = world.hall;
  const asked = { session: newToken(), challenge: Buffer.from(newToken().slice(0, 8)).toString('base64url') };
  const read = await card.read(asked);
  return counter.card(application, read, asked, officers[0]);
}

const HOUR = 3_600_000;
export const VISIT = 4 * HOUR;

/** Days for which a picture that somebody has kept is surely known. */
const KNOWN_DAYS = 80;
const kept = new WeakMap<Citizen, { readonly picture: Buffer; readonly at: number }>();
/** Somebody keeps a picture that a camera has made of them, and has matched. */
export const keep = (who: Citizen, picture: Buffer): void => void kept.set(who, { picture, at: Date.now() });
/** A picture that has come before; nothing of whoever has kept none. */
export function keptOf(who: Citizen): Buffer | undefined {
  const found = kept.get(who);
  return found && Date.now() - found.at < KNOWN_DAYS * 86_400_000 ? found.picture : undefined;
}

/** Five of a number in a visit, whatever is refused and begun anew: whether this is one of them. */
export function isOneOfFive(who: Citizen, what: 'face' | 'prints', number = who.entry.person.identityNumber): boolean {
  const tried = who.tried.get(number) ?? { face: [], prints: [] };
  who.tried.set(number, tried);
  const lately = tried[what].filter((at) => at > Date.now() - VISIT);
  const isOne = lately.length < 5;
  if (isOne) tried[what].push(Date.now());
  return isOne;
}

/** The face and the prints are looked at, or were so too often. */
export async function looked(
  { hall: { counter, officers } }: World,
  who: Citizen,
  { again, face, word }: { again: () => Promise<Application>; face: 'red' | 'green'; word: string },
) {
  // Of the number that the application was made for, whatever they have by now.
  const number = (await again()).applicant!.identityNumber;
  const tried = { face: isOneOfFive(who, 'face', number), prints: isOneOfFive(who, 'prints', number) };
  const picture = await photoNow(face);
  const compared = await counter.portrait(await again(), picture, officers[0]);
  if (compared.done && compared.result === 'passed') keep(who, picture);
  assert.equal(compared.done ? 'looked at' : compared.reason, tried.face ? 'looked at' : 'too_many');
  captures += 1;
  const printed = await counter.fingerprints(await again(), `${word}-${captures}`, officers[0]);
  assert.equal(printed.done ? 'looked at' : printed.reason, tried.prints ? 'looked at' : 'too_many_captures');
  const passed = (one: typeof compared): boolean => one.done && one.result === 'passed';
  return { ...tried, passed: passed(compared) && passed(printed) };
}

/** Why nobody begins: what an account has already, a death, an age, a guardian who is none. */
export function notReceived(who: Citizen, guardian: Citizen | undefined): string | undefined {
  if (who.account && counting(who.account) === 2 && !isOver(who.account)) return 'level_2';
  if (who.dead || who.said.number === 'cancelled') return 'gone';
  if (who.at === 5) return 'under_age';
  const stands = guardian && isActive(guardian.account) && counting(guardian.account) === 2;
  // Of somebody whose card has run out nothing is asked before they are back with another one.
  return guardian && !stands && !ranOut(who) ? 'guardian_differs' : undefined;
}

const today = (): string => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 10);
export const ranOut = ({ entry }: Citizen): boolean => (entry.person.documentExpiresOn ?? today()) < today();

/** Whether the register has reported something that takes their card away; of somebody from abroad, that they have another passport. */
export const isTakenAway = (who: Citizen): boolean =>
  (who.entry.passport ? isReplaced : isReported)(who, cardOf(who.entry).documentNumber);

/** 1: why an officer does not approve, in the order in which it is looked at. */
export function notApproved(
  who: Citizen,
  {
    seen,
    claim,
    tried,
  }: { readonly seen: Seen; readonly claim: Claim; readonly tried: Readonly<Record<'face' | 'prints', boolean>> },
): string | undefined {
  const isTried = tried.face && tried.prints;
  const isRead = !ranOut(who) && !isTakenAway(who);
  const found = isTried && !['no fingers', 'no face', 'another card'].includes(seen) && isRead;
  // What was not tried is overridden by nobody.
  if (!tried.prints && (seen === 'worn' || seen === 'silicone')) return 'not_overridable';
  if (seen === 'silicone') return 'attack';
  if (!found) return seen === 'worn' ? 'something_else' : 'lacking';
  // What was once level 2 is its holder's own.
  if (claim === 'false' && who.account?.level !== 1) return 'claim';
  if (who.account && !isActive(who.account) && !(claim === 'own' && opensAtCounter(who))) return 'account_locked';
  // What the register says of a card locks an account that there is; an officer who has lifted that has looked at it.
  return isGood(who) || (who.account && claim === 'own') ? undefined : 'register_differs';
}

/** The policy in force is asked before the register's word of a card: it may carry no level 2 at all. */
export const decidedBy = (world: World, no: string | undefined): string | undefined =>
  rulesOf(world).carries || (no !== undefined && no !== 'register_differs') ? no : 'policy';
