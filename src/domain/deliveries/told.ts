import type { DeliveryEntry, DeliveryState } from './delivery.ts';

/** A relying party that was told of a sign-out, as the person who signed out reads it. */
export interface ToldParty {
  readonly name: string;
  readonly state: DeliveryState;
  /** When it confirmed. */
  readonly at: Date | null;
}

/** The entries of a sign-out in a person's words; `nameOf` answers who is behind a client. */
export const toldParties = (
  entries: readonly DeliveryEntry[],
  nameOf: (clientId: string) => Promise<string>,
): Promise<ToldParty[]> =>
  Promise.all(
    entries.map(async ({ clientId, state, deliveredAt }) => ({
      name: await nameOf(clientId),
      state,
      at: deliveredAt ?? null,
    })),
  );
