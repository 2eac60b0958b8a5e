import type { Policy } from '../../domain/assurance/index.ts';
import type { Journal } from '../../domain/audit/index.ts';
import type { Authenticators } from '../../domain/authenticators/index.ts';
import { createOrganisations, type Organisations, type OrganisationsParts } from '../../domain/organisations/index.ts';
import type { Subscribers } from '../../domain/subscribers/index.ts';
import { type Repetition, repeat } from '../../jobs/repeat.ts';
import type { Foundation } from '../foundation.ts';
import type { Registers } from '../registers.ts';

/** Organisations, where somebody says who acts for them; nothing otherwise. */
export function organisations(
  { database, clock, sealer }: Foundation,
  nouns: {
    readonly journal: Journal;
    readonly subscribers: Subscribers;
    readonly authenticators: Authenticators;
    readonly assurance: () => Promise<Policy>;
    readonly told: OrganisationsParts['told'];
    readonly parted: OrganisationsParts['parted'];
  },
  { enterprises: registry }: Pick<Registers, 'enterprises'>,
): Organisations | undefined {
  return (
    registry && createOrganisations({ ...{ database, clock, registry }, ...nouns, sealer: sealer('organisations') })
  );
}

/** The office works while there is anything to do, and asks the register again about whoever acts. */
export function organisationJobs(parts: Organisations | undefined, failed: (error: unknown) => void): Repetition[] {
  if (!parts) return [];
  return [
    repeat(
      async () => {
        while ((await parts.checkNext()) !== 'idle');
      },
      1_000,
      failed,
    ),
    repeat(
      async () => {
        while (await parts.askNext());
      },
      60_000,
      failed,
    ),
  ];
}
