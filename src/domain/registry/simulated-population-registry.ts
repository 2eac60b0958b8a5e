import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { createMoods, type Mood } from '../../platform/partner/mood.ts';
import { dayOf, type Entry, mismatch } from './matching.ts';
import {
  type PopulationRegistry,
  type RegisteredGuardianship,
  type RegisteredPortrait,
  registryUnavailable,
} from './population-registry.ts';

/** A person of the simulated register. */
export interface RegisterEntry extends Entry {
  /** Made when it is asked for. */
  readonly portrait?: () => Promise<RegisteredPortrait>;
  /** Identity numbers of parents and guardians, of a minor where nothing else is said; `until`: the last day, ISO 8601. */
  readonly guardians?: readonly ({ readonly identityNumber: string } & Partial<RegisteredGuardianship>)[];
}

/** The register of the sandbox: it knows the people it is made with, and nobody else. */
export interface SimulatedPopulationRegistry extends PopulationRegistry {
  behave(how: Mood): void;
  /** Somebody's entry is another from now on. */
  amend(identityNumber: string, amended: (entry: RegisterEntry) => RegisterEntry): void;
}

/** What a simulated register is made of. */
export interface SimulatedPopulationRegistryParts {
  readonly clock: Clock;
  readonly entries: readonly RegisterEntry[];
  /**
   * By identity number: questions about these meet silence, `times` times or always. It is how somebody in the sandbox sees what
   * happens then.
   */
  readonly silent?: Readonly<Record<string, { readonly mood: Exclude<Mood, 'well'>; readonly times?: number }>>;
  /** Milliseconds that a slow one is waited for. */
  readonly timeout?: number;
}

export function createSimulatedPopulationRegistry(
  parts: SimulatedPopulationRegistryParts,
): SimulatedPopulationRegistry {
  const { clock, silent = {} } = parts;
  const entries = new Map(parts.entries.map((entry) => [entry.person.identityNumber, entry]));
  const moods = createMoods(registryUnavailable, parts.timeout);
  const met = new Map<string, number>();

  /** Lets a question about somebody through, or not. */
  const meet = (identityNumber: string): Promise<void> => {
    const { mood, times = Number.POSITIVE_INFINITY } = silent[identityNumber] ?? { mood: 'well' as const };
    const before = met.get(identityNumber) ?? 0;
    met.set(identityNumber, before + 1);
    return moods.meet(before < times ? mood : 'well');
  };

  return {
    behave: moods.behave,
    amend(identityNumber, amended) {
      const entry = entries.get(identityNumber);
      if (entry) entries.set(identityNumber, amended(entry));
    },
    async match(claimed) {
      await meet(claimed.identityNumber);
      const asOf = clock.now();
      const entry = entries.get(claimed.identityNumber);
      if (!entry) return { matched: false, reason: 'no_such_number', contacts: {}, asOf };
      const reason = mismatch(claimed, entry, dayOf(asOf));
      if (!reason) {
        const { person, passport } = entry;
        return { matched: true, person, ...(passport ? { passport } : {}), asOf };
      }
      // The telephone of somebody who died may be another person's by now.
      const contacts = entry.standing === 'deceased' ? {} : entry.person.contacts;
      return { matched: false, reason, contacts, asOf };
    },
    async portrait(identityNumber) {
      await meet(identityNumber);
      return entries.get(identityNumber)?.portrait?.();
    },
    async guardianship({ guardian, ward }) {
      await meet(ward);
      const today = dayOf(clock.now());
      const guardians = entries.get(ward)?.guardians ?? [];
      const found = guardians.find(
        ({ identityNumber, until }) => identityNumber === guardian && (until === undefined || until >= today),
      );
      if (!found) return undefined;
      const { basis = 'guardian_of_minor', until } = found;
      return { basis, ...(until === undefined ? {} : { until }) };
    },
    async requestCorrection({ identityNumber, reference }) {
      await meet(identityNumber);
      // The same reference is the same case, however often it is handed over.
      const digest = createHash('sha256').update(reference).digest('hex').slice(0, 8).toUpperCase();
      return { received: true, caseNumber: `TEST-${digest}` };
    },
  };
}
