import type { Medium } from './channel.ts';

/** How many messages may go in a window of so many seconds. */
export interface Budget {
  readonly scope: 'address' | 'range' | 'account' | 'all';
  readonly seconds: number;
  readonly cap: number;
}

/**
 * Codes are asked for by people we do not know yet, so they are what pumps money out of a gateway (abuse case 40): they are
 * bounded for each address, each range of addresses, each account and in all. Notices follow from changes of an account;
 * they have a purse of their own, so that asking for codes cannot use up the warning that follows.
 */
export const BUDGETS: Readonly<Record<'code' | 'notice', readonly Budget[]>> = {
  code: [
    { scope: 'address', seconds: 3_600, cap: 5 },
    { scope: 'address', seconds: 86_400, cap: 12 },
    { scope: 'account', seconds: 86_400, cap: 20 },
    { scope: 'range', seconds: 3_600, cap: 100 },
    { scope: 'all', seconds: 3_600, cap: 20_000 },
  ],
  notice: [
    { scope: 'address', seconds: 3_600, cap: 30 },
    { scope: 'all', seconds: 3_600, cap: 200_000 },
  ],
};

/** The range an address belongs to: ten thousand telephone numbers, or one mail domain. */
export const rangeOf = (medium: Medium, address: string): string =>
  medium === 'sms' ? address.slice(0, -4) : (address.split('@')[1] ?? address).toLowerCase();
