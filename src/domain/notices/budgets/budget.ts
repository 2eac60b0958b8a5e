import type { Medium } from '../channel.ts';
import { type Place, placeOf, rangeOf } from './places.ts';

/** How many messages may go in any so many seconds, wherever they begin: the window slides (budget-store.ts). */
export interface Budget {
  readonly scope: 'address' | 'range' | 'account' | 'sender' | 'area' | 'abroad' | 'all';
  readonly seconds: number;
  readonly cap: number;
  /** Of both without it. A mail costs nothing, and one domain is half of the country's: neither range nor total bounds it. */
  readonly medium?: Medium;
}

/** What a message is paid from. Nobody can use up the one by asking for what is of another. */
export type Purse = 'code' | 'alarm' | 'notice' | 'sign_in';

const HOUR = 3_600;
const DAY = 86_400;
const SMS = 'sms';

/**
 * Codes are asked for by people we do not know yet, so they are what pumps money out of a gateway (abuse case 40): they are
 * bounded for each address, each range of addresses, each account, each network that asks, abroad for each area and together,
 * and in all. What is beyond is refused.
 *
 * Notices follow from what happens with an account, and somebody can make it happen often: who has a password signs in from one
 * fresh browser after another. They are bounded by the same measures, and what is beyond is not lost but folded together
 * (withholding.ts). Alarms tell of what cannot be taken back by waiting: a recovery, a lock, another way in.
 */
export const BUDGETS: Readonly<Record<Purse, readonly Budget[]>> = {
  code: [
    { scope: 'address', seconds: HOUR, cap: 5 },
    { scope: 'address', seconds: DAY, cap: 12 },
    { scope: 'account', seconds: DAY, cap: 20 },
    { scope: 'sender', seconds: HOUR, cap: 40 },
    { scope: 'range', medium: SMS, seconds: HOUR, cap: 100 },
    { scope: 'area', seconds: HOUR, cap: 60 },
    { scope: 'abroad', seconds: DAY, cap: 1_000 },
    { scope: 'all', seconds: HOUR, cap: 20_000 },
  ],
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
}

/** What is counted under each scope; nothing where a scope does not concern the message. */
export function subjectsOf({ medium, address, account, sender }: Counted): Partial<Record<Budget['scope'], string>> {
  const place: Place | undefined = medium === 'sms' ? placeOf(address) : undefined;
  return {
    address,
    range: rangeOf(medium, address),
    ...(account === undefined ? {} : { account }),
    ...(sender === undefined ? {} : { sender }),
    ...(place?.region === 'abroad' ? { area: place.area, abroad: 'abroad' } : {}),
    all: 'all',
  };
}
