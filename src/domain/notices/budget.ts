import type { Medium } from './channel.ts';
import { type Place, placeOf, rangeOf } from './places.ts';

/** How many messages may go in any so many seconds, wherever they begin: the window slides (budget-store.ts). */
export interface Budget {
  readonly scope: 'address' | 'range' | 'account' | 'sender' | 'area' | 'abroad' | 'all';
  readonly seconds: number;
  readonly cap: number;
}

const HOUR = 3_600;
const DAY = 86_400;

/**
 * Codes are asked for by people we do not know yet, so they are what pumps money out of a gateway (abuse case 40): they are
 * bounded for each address, each range of addresses, each account, each network that asks, abroad for each area and together,
 * and in all. Notices follow from changes of an account; they have a purse of their own, so that asking for codes cannot use
 * up the warning that follows.
 */
export const BUDGETS: Readonly<Record<'code' | 'notice', readonly Budget[]>> = {
  code: [
    { scope: 'address', seconds: HOUR, cap: 5 },
    { scope: 'address', seconds: DAY, cap: 12 },
    { scope: 'account', seconds: DAY, cap: 20 },
    { scope: 'sender', seconds: HOUR, cap: 40 },
    { scope: 'range', seconds: HOUR, cap: 100 },
    { scope: 'area', seconds: HOUR, cap: 60 },
    { scope: 'abroad', seconds: DAY, cap: 1_000 },
    { scope: 'all', seconds: HOUR, cap: 20_000 },
  ],
  notice: [
    { scope: 'address', seconds: HOUR, cap: 30 },
    { scope: 'all', seconds: HOUR, cap: 200_000 },
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
