import type { App } from '../../app.ts';
import { secretMatches } from '../../domain/relying-parties/index.ts';
import type { Registry } from './registry.ts';

const PAGE = 200;

/** The registry of the server whose database this is. It drafts as a hand that nobody knows, and proposes nothing. */
export function localRegistry({ relyingParties, approvals }: App['parts'], sandbox: boolean): Registry {
  return {
    current: async (clientId) => (await relyingParties.versions(clientId, { limit: 1 }))[0],
    ...(sandbox ? {} : { beside: (registration) => relyingParties.beside(registration) }),
    async ids() {
      const ids: string[] = [];
      for (;;) {
        const page = await relyingParties.search({ limit: PAGE, ...(ids.length > 0 ? { after: ids.at(-1)! } : {}) });
        ids.push(...page.map(({ clientId }) => clientId));
        if (page.length < PAGE) return ids;
      }
    },
    async isSecret(clientId, secret) {
      const client = await relyingParties.find(clientId);
      return client !== undefined && secretMatches(client, secret);
    },
    drafter: async () => 'command line',
    open: (subject) =>
      approvals.list({ kinds: ['client'], subject, states: ['draft', 'proposed', 'scheduled'], limit: 200 }),
    async draft(value, reason) {
      const drafted = await approvals.draft({ kind: 'client', value, reason, by: 'command line' });
      if (drafted.drafted) return { done: true, request: drafted.request };
      const faults = drafted.reason === 'faulty' ? drafted.faults : [{ path: '', message: WHY_NOT[drafted.reason] }];
      return { done: false, faults };
    },
  };
}

const WHY_NOT = {
  same: 'It is so already.',
  forbidden: 'The command line may not draft this.',
  unknown: 'There is no such client.',
  changed: 'It has changed meanwhile: run this again.',
  not_open: 'The change request is closed.',
} as const;
