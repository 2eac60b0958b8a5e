import type { EventDetail } from '../../../domain/audit/index.ts';

/** A browser as its owner recognises it. Where it is, is not known; the network it came from only while its session lives. */
export interface Device {
  readonly browser: string | null;
  readonly system: string | null;
  /** `203.0.113.0/24` */
  readonly network: string | null;
}

const word = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The device that an event names; nothing of earlier events, which named none. */
export function deviceOf(detail: EventDetail | undefined): Device | null {
  const [browser, system] = [word(detail?.browser), word(detail?.system)];
  return browser || system ? { browser, system, network: null } : null;
}
