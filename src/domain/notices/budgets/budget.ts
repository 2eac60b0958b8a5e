import type { Medium } from '../channel.ts';
import { type Place, placeOf, rangeOf } from './places.ts';

/** How many messages may go in any so many seconds, wherever they begin: the window slides (budget-store.ts). */
export interface Budget {
  readonly scope: 'typed' | 'address' | 'range' | 'account' | 'sender' | 'area' | 'abroad' | 'all';
  readonly seconds: number;
  readonly cap: number;
  /** Of both without it. A mail costs nothing, and one domain is half of the country's: neither range nor total bounds it. */
  readonly medium?: Medium;
  readonly kept?: Kept;
}

/** How many of them, the last ones, are for networks or accounts that have had none of the same within the window: one for each. */
export interface Kept {
  readonly last: number;
  readonly each: 'sender' | 'account';
}

/** What a message is paid from. Nobody can use up the one by asking for what is of another. */
export type Purse = CodePurse | 'alarm' | 'notice' | 'sign_in';
/**
 * Each sort of code its own: five codes of a sign-up to somebody's telephone leave them the one that locks. Whoever has shown more than
 * what anybody may type has another than those who only type (abuse case 37): `second_half_code` for who has proven one half of a
 * recovery, `application_code` for who holds an application's reference or its activation code.
 */
export type CodePurse = (typeof CODE_PURSES)[number];
export const CODE_PURSES = [
  ...['sign_in_code', 'sign_up_code', 'application_code'],
  ...['recovery_code', 'second_half_code', 'contact_code', 'lock_code'],
] as const;

/** Whether what is paid from it was asked for, and is refused when it is beyond. */
export const isOfCodes = (purse: Purse): purse is CodePurse => (CODE_PURSES as readonly Purse[]).includes(purse);

const HOUR = 3_600;
const DAY = 86_400;
const SMS = 'sms';

/** An hour's and a day's of what somebody typed, and of the address that it belongs to. */
const single: readonly Budget[] = [
  { scope: 'typed', seconds: HOUR, cap: 5 },
  { scope: 'typed', seconds: DAY, cap: 12 },
  { scope: 'address', seconds: HOUR, cap: 5 },
  { scope: 'address', seconds: DAY, cap: 12 },
];
/**
 * The same where anybody may ask for codes to somebody else, and so could use them all up. A day has no more of them; the last are for
 * networks that have not asked for the same. One network leaves those to whomever it wants to keep out, who comes from another.
 */
const singleByAnybody: readonly Budget[] = single.map((budget) =>
  budget.seconds === HOUR
    ? { ...budget, cap: budget.cap + 1, kept: { last: 1, each: 'sender' } }
    : { ...budget, kept: { last: 4, each: 'sender' } },
);

/** The last of what many accounts share are for those that have had none yet: a handful of accounts does not silence the others. */
const keptFor = (last: number): Pick<Budget, 'kept'> => ({ kept: { last, each: 'account' } });

/** Codes of one sort, and how many of them in all: what one sort leaves no other has, so that the sum bounds the bill. */
const codes = (
  all: number,
  abroad: number,
  { account = 20, of = single }: { readonly account?: number; readonly of?: readonly Budget[] } = {},
): readonly Budget[] => [
  ...of,
  { scope: 'account', seconds: DAY, cap: account },
  { scope: 'sender', seconds: HOUR, cap: 40 },
  { scope: 'range', medium: SMS, seconds: HOUR, cap: 100 },
  { scope: 'area', seconds: HOUR, cap: 60 },
  { scope: 'abroad', seconds: DAY, cap: abroad },
  { scope: 'all', seconds: HOUR, cap: all },
];

/** What may be told of to whoever has proven nothing: it says how often something was typed, and of whom nothing. */
export const TOLD: ReadonlySet<Budget['scope']> = new Set(['typed', 'sender']);

/** What everybody shares. An address that stands for none has no part in it: no message costs anything there (abuse case 41). */
const SHARED: ReadonlySet<Budget['scope']> = new Set(['range', 'area', 'abroad', 'all']);

/**
 * Codes are asked for by people we do not know yet, so they are what pumps money out of a gateway (abuse case 40): they are
 * bounded for each address, each range of addresses, each account, each network that asks, abroad for each area and together,
 * and in all. What is beyond is refused; where only something was typed, that an address or an account has had its share is not told.
 * Nothing else stands in the way of a flood than what it costs whoever asks. So what costs us nothing, a code to nobody, takes nothing
 * from anybody; and who has proven something, a half of a recovery or an application of their own, is paid for apart from those who
 * have not: their part of the total is out of a stranger's reach, and what is refused them is told.
 *
 * Notices follow from what happens with an account, and somebody can make it happen often: who has a password signs in from one
 * fresh browser after another. They are bounded by the same measures, and what is beyond is not lost but folded together
 * (withholding.ts). Alarms tell of what cannot be taken back by waiting: a recovery, a lock, another way in.
 */
export const BUDGETS: Readonly<Record<Purse, readonly Budget[]>> = {
  sign_in_code: codes(8_000, 400),
  sign_up_code: codes(4_000, 200, { of: singleByAnybody }),
  application_code: codes(2_000, 100),
  // To three addresses: what was typed for each is full before the account is, and is what is told.
  recovery_code: codes(1_500, 75, { account: 36, of: singleByAnybody }),
  second_half_code: codes(500, 25, { account: 36 }),
  contact_code: codes(2_000, 100),
  lock_code: codes(2_000, 100, { of: singleByAnybody }),
  alarm: [
    { scope: 'address', medium: SMS, seconds: HOUR, cap: 12 },
    { scope: 'address', medium: 'mail', seconds: HOUR, cap: 60 },
    { scope: 'account', medium: SMS, seconds: DAY, cap: 60 },
    { scope: 'range', medium: SMS, seconds: HOUR, cap: 300, ...keptFor(100) },
    { scope: 'area', seconds: HOUR, cap: 120, ...keptFor(60) },
    { scope: 'abroad', seconds: DAY, cap: 2_000, ...keptFor(1_000) },
    { scope: 'all', medium: SMS, seconds: HOUR, cap: 50_000 },
  ],
  notice: [
    { scope: 'address', medium: SMS, seconds: HOUR, cap: 12 },
    { scope: 'address', medium: SMS, seconds: DAY, cap: 30 },
    { scope: 'address', medium: 'mail', seconds: HOUR, cap: 30 },
    { scope: 'account', medium: SMS, seconds: DAY, cap: 60 },
    { scope: 'range', medium: SMS, seconds: HOUR, cap: 100 },
    { scope: 'area', seconds: HOUR, cap: 60 },
    { scope: 'abroad', seconds: DAY, cap: 1_000 },
    { scope: 'all', medium: SMS, seconds: HOUR, cap: 100_000 },
  ],
  sign_in: [
    { scope: 'address', medium: SMS, seconds: HOUR, cap: 3 },
    { scope: 'address', medium: SMS, seconds: DAY, cap: 10 },
    { scope: 'address', medium: 'mail', seconds: HOUR, cap: 10 },
    { scope: 'account', medium: SMS, seconds: DAY, cap: 20 },
    { scope: 'range', medium: SMS, seconds: HOUR, cap: 100 },
    { scope: 'area', seconds: HOUR, cap: 30 },
    { scope: 'abroad', seconds: DAY, cap: 500 },
    { scope: 'all', medium: SMS, seconds: HOUR, cap: 20_000 },
  ],
};

/** Whom a message is counted for. */
export interface Counted {
  readonly medium: Medium;
  readonly address: string;
  /** The account, or whatever stands for one where there is none. */
  readonly account?: string | undefined;
  /** The network of the browser that asks. */
  readonly sender?: string | undefined;
  /** What was typed by somebody who has proven nothing, in one spelling. */
  readonly typed?: string | undefined;
  /** The address stands for none: nothing will leave. */
  readonly nobody?: boolean | undefined;
}

/** What a purse counts of a message: how many may be, of which some are kept for networks or accounts that have had none yet. */
export interface Share extends Pick<Budget, 'scope' | 'seconds'> {
  readonly subject: string;
  readonly cap: number;
  /** With the network or account that this message is counted for. */
  readonly kept?: Kept & { readonly of: string };
}

/** A cap that is none: what is written weighs as much. */
export const UNBOUNDED = 2 ** 31 - 1;

/** What a message is counted for, in the order of its purse. */
export function sharesOf(budgets: readonly Budget[], counted: Counted): Share[] {
  const subjects = subjectsOf(counted);
  return budgets.flatMap(({ scope, seconds, cap, kept, medium }) => {
    const subject = subjects[scope];
    if (subject === undefined || (medium ?? counted.medium) !== counted.medium) return [];
    // What stands for an address is made up, and may be somebody's: it counts for itself, and takes none of theirs.
    const isMadeUp = counted.nobody === true && (scope === 'address' || SHARED.has(scope));
    const of = kept && counted[kept.each];
    // What is no account's has no part in what is kept for accounts.
    const most = kept?.each === 'account' && of === undefined ? cap - kept.last : cap;
    const bound = isMadeUp && SHARED.has(scope) ? UNBOUNDED : most;
    return [
      {
        ...{ scope, seconds, subject: isMadeUp ? `nobody ${subject}` : subject, cap: bound },
        ...(kept === undefined || of === undefined ? {} : { kept: { ...kept, of } }),
      },
    ];
  });
}

/** What is counted under each scope; nothing where a scope does not concern the message. */
function subjectsOf({ medium, address, account, sender, typed }: Counted): Partial<Record<Budget['scope'], string>> {
  const place: Place | undefined = medium === 'sms' ? placeOf(address) : undefined;
  return {
    address,
    range: rangeOf(medium, address),
    ...(account === undefined ? {} : { account }),
    ...(sender === undefined ? {} : { sender }),
    ...(typed === undefined ? {} : { typed }),
    ...(place?.region === 'abroad' ? { area: place.area, abroad: 'abroad' } : {}),
    all: 'all',
  };
}
