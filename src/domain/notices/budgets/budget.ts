import type { Medium } from '../channel.ts';
import { type Place, placeOf, rangeOf } from './places.ts';

/** How many messages may go in any so many seconds, wherever they begin: the window slides (budget-store.ts). */
export interface Budget {
  readonly scope: 'typed' | 'address' | 'range' | 'account' | 'sender' | 'area' | 'abroad' | 'all';
  readonly seconds: number;
  readonly cap: number;
  /** Of both without it. A mail costs nothing, and one domain is half of the country's: neither range nor total bounds it. */
  readonly medium?: Medium;
}

/** What a message is paid from. Nobody can use up the one by asking for what is of another. */
export type Purse = CodePurse | 'alarm' | 'notice' | 'sign_in';
/** Each sort of code its own: five codes of a sign-up to somebody's telephone leave them the one that locks. */
export type CodePurse = (typeof CODE_PURSES)[number];
export const CODE_PURSES = ['sign_in_code', 'sign_up_code', 'recovery_code', 'contact_code', 'lock_code'] as const;

/** Whether what is paid from it was asked for, and is refused when it is beyond. */
export const isOfCodes = (purse: Purse): purse is CodePurse => (CODE_PURSES as readonly Purse[]).includes(purse);

const HOUR = 3_600;
const DAY = 86_400;
const SMS = 'sms';

/** Codes of one sort, and how many of them in all: what one sort leaves no other has, so that the sum bounds the bill. */
const codes = (all: number, abroad: number, account = 20): readonly Budget[] => [
  { scope: 'typed', seconds: HOUR, cap: 5 },
  { scope: 'typed', seconds: DAY, cap: 12 },
  { scope: 'address', seconds: HOUR, cap: 5 },
  { scope: 'address', seconds: DAY, cap: 12 },
  { scope: 'account', seconds: DAY, cap: account },
  { scope: 'sender', seconds: HOUR, cap: 40 },
  { scope: 'range', medium: SMS, seconds: HOUR, cap: 100 },
  { scope: 'area', seconds: HOUR, cap: 60 },
  { scope: 'abroad', seconds: DAY, cap: abroad },
  { scope: 'all', seconds: HOUR, cap: all },
];

/** What may be told of to whoever has proven nothing: it says how often something was typed, and of whom nothing. */
export const TOLD: ReadonlySet<Budget['scope']> = new Set(['typed', 'sender']);

/**
 * Codes are asked for by people we do not know yet, so they are what pumps money out of a gateway (abuse case 40): they are
 * bounded for each address, each range of addresses, each account, each network that asks, abroad for each area and together,
 * and in all. What is beyond is refused; where only something was typed, that an address or an account has had its share is not told.
 *
 * Notices follow from what happens with an account, and somebody can make it happen often: who has a password signs in from one
 * fresh browser after another. They are bounded by the same measures, and what is beyond is not lost but folded together
 * (withholding.ts). Alarms tell of what cannot be taken back by waiting: a recovery, a lock, another way in.
 */
export const BUDGETS: Readonly<Record<Purse, readonly Budget[]>> = {
  sign_in_code: codes(8_000, 400),
  sign_up_code: codes(6_000, 300),
  // To three addresses: what was typed for each is full before the account is, and is what is told.
  recovery_code: codes(2_000, 100, 36),
  contact_code: codes(2_000, 100),
  lock_code: codes(2_000, 100),
  alarm: [
    { scope: 'address', medium: SMS, seconds: HOUR, cap: 12 },
    { scope: 'address', medium: 'mail', seconds: HOUR, cap: 60 },
    { scope: 'account', medium: SMS, seconds: DAY, cap: 60 },
    { scope: 'range', medium: SMS, seconds: HOUR, cap: 200 },
    { scope: 'area', seconds: HOUR, cap: 60 },
    { scope: 'abroad', seconds: DAY, cap: 1_000 },
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
}

/** What is counted under each scope; nothing where a scope does not concern the message. */
export function subjectsOf({
  medium,
  address,
  account,
  sender,
  typed,
}: Counted): Partial<Record<Budget['scope'], string>> {
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
