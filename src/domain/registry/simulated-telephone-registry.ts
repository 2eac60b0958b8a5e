import type { Clock } from '../../platform/clock.ts';
import { createMoods, type Mood } from '../../platform/partner/mood.ts';
import { type TelephoneRegistry, telephoneUnavailable } from './telephone-registry.ts';

/** The networks of the sandbox. */
export interface SimulatedTelephoneRegistry extends TelephoneRegistry {
  behave(how: Mood): void;
}

export function createSimulatedTelephoneRegistry(parts: {
  readonly clock: Clock;
  /** By telephone number (E.164): the identity number in whose name it stands, or the silence that it meets. */
  readonly holders: Readonly<Record<string, string | { readonly mood: Exclude<Mood, 'well'> }>>;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}): SimulatedTelephoneRegistry {
  const moods = createMoods(telephoneUnavailable, parts.timeout);
  return {
    behave: moods.behave,
    async ownership({ phone, identityNumber }) {
      const holder = Object.hasOwn(parts.holders, phone) ? parts.holders[phone] : undefined;
      await moods.meet(typeof holder === 'object' ? holder.mood : 'well');
      const asOf = parts.clock.now();
      if (typeof holder !== 'string') return { ownership: 'unknown', asOf };
      return { ownership: holder === identityNumber ? 'holder' : 'another', asOf };
    },
  };
}
