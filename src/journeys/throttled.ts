import type { Message } from '../platform/messages.ts';

const MINUTE = 60;
const HOUR = 3_600;

/**
 * How long somebody waits, as people say it: minutes, and whole hours from an hour and a half on (`hours` is 0 before). Takes seconds.
 */
export const waitOf = (seconds: number): { readonly minutes: number; readonly hours: number } => ({
  minutes: Math.max(1, Math.ceil(seconds / MINUTE)),
  hours: seconds <= 1.5 * HOUR ? 0 : Math.ceil(seconds / HOUR),
});

/** Something was tried or asked for too often: when it can be again, in so many seconds. */
export const throttled = (seconds: number): Message => ({ key: 'rejected.throttled', values: waitOf(seconds) });
