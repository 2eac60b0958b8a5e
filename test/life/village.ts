import type { AuthenticatorKind, Proof } from '../../src/domain/assurance/index.ts';
import type { OnlineMethod } from '../../src/domain/recovery/index.ts';
import type { RegisterEntry } from '../../src/domain/registry/index.ts';
import type { LockGround } from '../../src/domain/subscribers/index.ts';
import type { Face } from '../support/applications.ts';
import type { SoftwarePasskey } from '../support/software-passkey.ts';
import type { PocketCard } from './cards.ts';

/** What somebody can have in their hands, and lose. */
export const THINGS = ['paper', 'device', 'phone', 'second', 'mail', 'password', 'card'] as const;
/** A face is nobody's to take, and nobody loses it. */
export type Thing = (typeof THINGS)[number] | 'face';
/** Who acts. A thief has one thing of one person, never two. */
export type Who = 'owner' | 'thief';

/** An authenticator as its holder knows it. */
export interface Factor {
  readonly id: string;
  readonly kind: AuthenticatorKind;
  readonly passkey?: SoftwarePasskey;
  readonly password?: string;
  readonly totp?: string;
  /** What a reader reads of a card, as often as it is held to one. */
  readonly card?: PocketCard;
  /** Codes of a sheet that were not used. */
  readonly codes?: string[];
  /** Out of use: somebody said of a sign-in with it that it was not theirs, or it was guessed at for too long. */
  frozen?: boolean;
}

/** A recovery under way. */
export interface Underway {
  by: Who | 'counter';
  held?: string;
  id: string;
  first: OnlineMethod | 'intake-officer';
  second?: string;
  /** How long its path waits; at a counter not at all, from the first officer on. A half has no such word. */
  hours?: number;
  waitsUntil?: number;
  expiresAt: number;
  cancel: string;
}

/** Tokens that a relying party has been given. */
export interface Given {
  readonly party: 0 | 1;
  readonly access: string;
  refresh?: string;
  readonly from: number;
  /** Nothing has ended them that we know of. */
  alive: boolean;
}

/** What we think of one account, written by hand beside the product and compared with it after every step. */
export interface Account {
  readonly id: string;
  level: 1 | 2;
  readonly name: string;
  phone?: string;
  readonly second: { sms?: string; mail?: string };
  /** When each of those was added. */
  readonly added: { sms?: number; mail?: number };
  mustReproof: boolean;
  /** When level 2 last began to count as 1. */
  loweredAt?: number;
  closed: boolean;
  readonly locks: Map<string, LockGround>;
  /** Those of the locks that the register's word or the calendar has made. */
  readonly bySystem: Set<string>;
  /** Those that a guardian has made in the place of the holder. */
  readonly byGuardian: Set<string>;
  /** The last day of the card, and the one that an officer has looked away from. */
  cardUntil?: string | undefined;
  lookedAway?: string | undefined;
  /** The last day of the card that level 2 was given on; a passport has none here. */
  shownUntil?: string | undefined;
  /** Its number; and that of the card of which the register has said since, or last before, that it was issued to them. */
  shownDocument?: string | undefined;
  issuedNow?: string | undefined;
  /** The same of the passport of somebody from abroad. */
  passportNow?: string | undefined;
  /** What an officer has read last of what level 2 was given on, and the name that the register had at the decision. */
  read?: { readonly card: PocketCard; readonly name: string };
  /** The register or an officer has revoked that card since, or it has had its last day. */
  shownOver?: boolean;
  /** When level 2 was last given. */
  raisedAt?: number;
  /** What was shown from home and counts, as far as is known: of which card, until when that is good, and when it was. */
  remote?: { readonly until: string; readonly at: number; readonly document: string };
  /** A guardian has it, and its holder has nothing to open it with; since when it is their own, where it was taken over online. */
  held?: true;
  takenOverAt?: number;
  factors: Factor[];
  proofs: Record<Who, Proof[]>;
  recovery?: Underway;
  /** Halves that others have proven, or the same person before. */
  readonly beside: Underway[];
  /** Values of recoveries that have ended. */
  readonly dead: string[];
  readonly given: Given[];
  readonly subs: Map<string, string>;
  /** The case of the last sign-in that was disowned, while nobody has looked into it. */
  reported?: string;
  /** Nothing was begun since everything was ended. */
  ended: boolean;
}

/** An application as whoever made it knows it. */
export interface Applied {
  readonly reference: string;
  readonly token: string;
  readonly phone: string;
  readonly honest: boolean;
  face: Face;
  readonly by: 'self' | 'thief' | 'guardian';
  state: string;
  /** The register has said otherwise since it may have been asked: another name, or that nobody has died. */
  saidOtherwise?: boolean;
}

/** What anybody may have a code sent for, who types a number or a telephone. */
export type Sought = 'recovery' | 'lock' | 'sign-up';

/** Somebody who lives in the village. */
export interface Citizen {
  readonly at: number;
  readonly entry: RegisterEntry & { readonly phone: string };
  readonly guardian?: number;
  dead: boolean;
  account?: Account;
  readonly former: Account[];
  readonly applied: Applied[];
  stolen?: Thing;
  lost: Set<Thing>;
  /** When a code was asked for by anybody but a stranger (`strange.ts`). */
  readonly asked: Readonly<Record<Sought, number[]>>;
  /** What the register has said of this person. */
  readonly said: Said;
  /** When faces and prints of a number were looked at, at counters: five of each in four hours. */
  readonly tried: Map<string, { readonly face: number[]; readonly prints: number[] }>;
  /** When card, face and prints were last found good at a counter, of what is not bound yet. */
  foundAt?: number;
}

/** The register's words about somebody, as far as they hold. */
export interface Said {
  life?: 'alive' | 'deceased';
  number?: 'cancelled' | 'current';
  card?: 'valid' | 'held' | 'revoked';
  /** The card that the register has spoken of. */
  document?: string | undefined;
  /** The card that it has issued last to the number that they have now. */
  issued?: string | undefined;
  /** Cards of which it has ever said that they were issued to them: here a card may have one number under each of its holder's. */
  readonly everIssued: Set<string>;
  /** The passport that it has issued last to them. */
  passport?: string | undefined;
  name?: true;
  /** When the account is closed, if nothing is corrected before. */
  closeAt: { deceased?: number; cancelled?: number };
}

/** Whether an account may be opened for somebody. */
export const isGood = ({ dead, said }: Citizen): boolean =>
  !dead && said.number !== 'cancelled' && said.card !== 'held' && said.card !== 'revoked';

/** Whether the register has said what takes a card away: of whoever has it, of the card, or of another in its place. */
export const isReported = ({ dead, said }: Citizen, document: string): boolean =>
  dead ||
  said.number === 'cancelled' ||
  ((said.card === 'held' || said.card === 'revoked') && said.document === document) ||
  (said.issued !== undefined && said.issued !== document);

/** The same of a passport: of whoever has it, or that another was issued to them. */
export const isReplaced = ({ dead, said }: Citizen, document: string): boolean =>
  dead || said.number === 'cancelled' || (said.passport !== undefined && said.passport !== document);

/** The same of a card that somebody has bound: it names the number that they had when they did. A passport names none. */
export const isTaken = (who: Citizen, { card }: Factor): boolean => {
  if (!card) return false;
  const { identityNumber, documentNumber } = card;
  return identityNumber === undefined
    ? isReplaced(who, documentNumber)
    : identityNumber !== who.entry.person.identityNumber || isReported(who, documentNumber);
};

/** Who lives at one time, and how long the run has been. */
export interface Village {
  readonly people: readonly Citizen[];
  readonly thiefPhone: string;
}

/** The day in Viet Nam. */
export const dayOf = (moment: number): string => new Date(moment + 7 * 3_600_000).toISOString().slice(0, 10);
/** From this age on somebody acts for themselves. */
export const OF_AGE = 14;
export const yearsAfter = (day: string, years: number): string =>
  `${Number(day.slice(0, 4)) + years}${day.slice(4).replace('-02-29', '-02-28')}`;
/** Whether somebody acts for themselves. */
export const isOfAge = ({ entry }: Citizen): boolean => yearsAfter(entry.person.birthdate, OF_AGE) <= dayOf(Date.now());
/** Whoever acts for somebody, as long as they are a child. */
export const guardianOf = (who: Citizen, { people }: Village): Citizen | undefined =>
  who.guardian === undefined || isOfAge(who) ? undefined : people[who.guardian];
/** Whether somebody may take over what a guardian has made for them: it stands, and nobody signs in to it. */
export const mayTakeOver = (who: Citizen): boolean =>
  isActive(who.account) && who.account.held === true && who.account.factors.length === 0 && isOfAge(who);

/** An account that has just come to be. */
export const anAccount = (
  about: Pick<
    Account,
    'id' | 'level' | 'name' | 'cardUntil' | 'shownUntil' | 'shownDocument' | 'issuedNow' | 'passportNow'
  > & { readonly phone?: string },
): Account => ({
  ...about,
  ...{
    second: {},
    added: {},
    mustReproof: false,
    closed: false,
    locks: new Map(),
    bySystem: new Set<string>(),
    byGuardian: new Set<string>(),
    factors: [],
    ended: true,
  },
  ...{ proofs: { owner: [], thief: [] }, dead: [], beside: [], given: [], subs: new Map() },
});

/** The level that proofs of these kinds come to, by the decree's table. A code by message is a possession that lifts no face. */
export function levelOf(some: readonly { readonly kind: string; readonly userVerified?: boolean | undefined }[]) {
  const know = some.some(({ kind }) => kind === 'password');
  const have = some.some(({ kind }) => ['totp', 'message-otp', 'passkey', 'chip-card'].includes(kind));
  const own = some.some(({ kind }) => ['totp', 'passkey', 'chip-card'].includes(kind));
  if (own && some.some(({ kind }) => kind === 'face')) return know ? 4 : 3;
  if (some.some(({ kind, userVerified }) => kind === 'passkey' && userVerified)) return 2;
  return know && have ? 2 : know || have ? 1 : 0;
}

/** Whether proofs hold up an account of level 2: a passkey that was unlocked, the chip of a card with a password, or a face with a possession. */
export const isStrong = (some: readonly { readonly kind: string; readonly userVerified?: boolean | undefined }[]) =>
  some.some(({ kind, userVerified }) => kind === 'passkey' && userVerified) ||
  (some.some(({ kind }) => kind === 'face') &&
    some.some(({ kind }) => ['totp', 'message-otp', 'passkey', 'chip-card'].includes(kind))) ||
  (some.some(({ kind }) => kind === 'chip-card') && some.some(({ kind }) => kind === 'password'));

/** What an account can come to with everything it has: what is out of use lowers no bar. */
export const highest = ({ factors }: Account): number =>
  levelOf(factors.map(({ kind }) => ({ kind, userVerified: true })));

/** What somebody holds, or knows: everything but a face. */
export const isInHands = ({ kind }: { readonly kind: string }): boolean => kind !== 'face';

/** Whether a card has had its last day. */
export const ranOut = ({ card }: Factor): boolean => card !== undefined && card.expiresOn < dayOf(Date.now());

/** Whether something opens what it is bound to. */
export const isInUse = ({ frozen }: Factor): boolean => frozen !== true;

/** Proofs that are fresh enough for a change, of authenticators that are still there and in use. */
export const fresh = (account: Account, who: Who, seconds = 299): Proof[] =>
  account.proofs[who].filter(
    ({ at, authenticatorId }) =>
      at >= Date.now() / 1000 - seconds && account.factors.some((one) => one.id === authenticatorId && isInUse(one)),
  );

/** Whether proofs change what the account is held by: its highest level, and something strong where anything strong is bound, in use or not. */
export const clears = (account: Account, proofs: Parameters<typeof levelOf>[0]): boolean =>
  levelOf(proofs) >= Math.max(1, highest(account)) &&
  (isStrong(proofs) || !isStrong(account.factors.map(({ kind }) => ({ kind, userVerified: true }))));

/** Whether somebody may change what the account is held by. */
export const steppedUp = (account: Account, who: Who): boolean => clears(account, fresh(account, who));
/** Whether a proof of theirs becomes too old in these very seconds: nobody knows which of the two clocks is asked first. */
export const isOnTheEdge = (account: Account, who: Who): boolean =>
  clears(account, fresh(account, who)) !== clears(account, fresh(account, who, 302));

/** Which thing an authenticator is of. */
export const thingOf = ({ kind }: Pick<Factor, 'kind'>): Thing =>
  (
    ({
      ...{ 'recovery-code': 'paper', password: 'password', 'message-otp': 'phone', 'chip-card': 'card' },
      face: 'face',
    }) as Readonly<Record<string, Thing>>
  )[kind] ?? 'device';

/** Whether somebody has a thing: a thief the stolen one; the owner all but what was lost. A password is copied, not taken away. */
export const has = ({ stolen, lost }: Citizen, who: Who, thing: Thing): boolean =>
  who === 'thief' ? thing !== 'face' && stolen === thing : !lost.has(thing);

export const isLocked = ({ locks }: Account): boolean => locks.size > 0;
export const isActive = (account: Account | undefined): account is Account =>
  account !== undefined && !account.closed && !isLocked(account);
/** Whether all that locks it is a guardian's: whoever is old enough to come to a counter alone has it opened there. */
export const opensAtCounter = (who: Citizen): boolean =>
  who.account?.held === true &&
  isOfAge(who) &&
  [...who.account.locks.keys()].every((id) => who.account?.byGuardian.has(id));
/** The level that counts. */
export const counting = ({ level, mustReproof }: Account): 1 | 2 => (mustReproof ? 1 : level);
/** Whether level 2 stands on a card or passport that is over, and is proven anew although it counts. */
export const isOver = (account: Account): boolean => {
  const { shownUntil, shownDocument, shownOver, cardUntil, issuedNow, passportNow } = account;
  if (shownUntil === undefined)
    return shownDocument !== undefined && passportNow !== undefined && passportNow !== shownDocument;
  return (
    shownOver === true ||
    shownUntil < dayOf(Date.now()) ||
    shownUntil !== cardUntil ||
    (issuedNow !== undefined && issuedNow !== shownDocument)
  );
};

/** Whether a counter's approval binds nothing any more: its holder has taken the account over online since. */
export const isTakenOver = ({ takenOverAt, raisedAt }: Account): boolean =>
  takenOverAt !== undefined && raisedAt !== undefined && takenOverAt >= raisedAt;

/** Everything that was begun has ended: sessions, tokens, sign-ins under way. */
export function endAll(account: Account): void {
  for (const one of account.given) one.alive = false;
  account.ended = true;
}

/** No recovery goes any further. */
export function endRecovery(account: Account): void {
  for (const one of openOf(account)) endOne(account, one);
}

/** All that is open of an account, the newest last. */
export const openOf = ({ beside, recovery }: Account): Underway[] => [...beside, ...(recovery ? [recovery] : [])];

/** This one does not; another that is open takes its place. */
export function endOne(account: Account, ended: Underway): void {
  if (ended.held !== undefined) account.dead.push(ended.held);
  const others = openOf(account).filter((one) => one !== ended);
  delete account.recovery;
  const last = others.pop();
  if (last) account.recovery = last;
  account.beside.splice(0, account.beside.length, ...others);
}
