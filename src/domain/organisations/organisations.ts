import { type Acting, createActing } from './acting.ts';
import { type Applying, createApplying } from './applying.ts';
import { type Checked, createChecking } from './checking.ts';
import type { OrganisationsParts } from './parts.ts';

/** Organisations: from an application to whoever acts for them. */
export interface Organisations extends Applying, Acting {
  /** Looks at one application that is due. */
  checkNext(): Promise<Checked>;
}

/** Organisations on a database. Whoever runs it calls `checkNext` and `askNext` again and again; any number of processes may. */
export const createOrganisations = (parts: OrganisationsParts): Organisations => ({
  ...createApplying(parts),
  ...createActing(parts),
  checkNext: createChecking(parts),
});
