import type { Write } from '../../../platform/unit-of-work.ts';
import type { Actor } from '../../audit/index.ts';
import type { Parts } from '../parts.ts';
import type { Authenticators } from '../types.ts';

/** Out of use and back again: for an authenticator that somebody else may have in their hands. */
export function createFreezing({
  database,
  store,
  journal,
  notify,
}: Parts): Pick<Authenticators, 'freeze' | 'reinstate'> {
  const chosen = async (subscriberId: string, ids: readonly string[], status: 'active' | 'disabled') =>
    (await store.of(database, subscriberId)).filter((one) => ids.includes(one.id) && one.status === status);
  const event = (
    type: 'authenticator.disabled' | 'authenticator.reinstated',
    about: { readonly subscriberId: string; readonly kind: string; readonly id: string },
    actor: Actor,
  ): Write => {
    const { subscriberId, kind, id } = about;
    return journal.append({ type, actor, subscriberId, detail: { kind, authenticator: id } });
  };

  return {
    async freeze(subscriberId, ids) {
      const found = await chosen(subscriberId, ids, 'active');
      if (found.length === 0) return [];
      const told = await Promise.all(
        found.map(({ kind, name }) => notify({ change: 'disabled', subscriberId, kind, name })),
      );
      const actor = { kind: 'subscriber', id: subscriberId } as const;
      return [
        store.freeze(
          subscriberId,
          found.map(({ id }) => id),
        ),
        ...found.map((one) => event('authenticator.disabled', one, actor)),
        ...told.flat(),
      ];
    },
    async reinstate(subscriberId, ids, by) {
      const found = await chosen(subscriberId, ids, 'disabled');
      if (found.length === 0) return [];
      const told = await Promise.all(
        found.map(({ kind, name }) => notify({ change: 'reinstated', subscriberId, kind, name })),
      );
      return [
        store.reinstate(
          subscriberId,
          found.map(({ id }) => id),
        ),
        ...found.map((one) => event('authenticator.reinstated', one, by)),
        ...told.flat(),
      ];
    },
  };
}
