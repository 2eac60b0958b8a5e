import { type DisclosureReceipt, type PurposeWords, stateOf } from '../../../../domain/consents/index.ts';
import { dateTime } from '../../../../platform/formats.ts';
import type { Message } from '../../../../platform/messages.ts';
import { atOnce, type LineTools, type Page, paged, type Section } from './section.ts';

/** What it was for, as it was said then; nothing where that was not kept. */
const purposeIn = (words: PurposeWords | undefined, { locale }: LineTools): Message[] =>
  words ? [{ key: 'disclosures.purpose', values: { purpose: words[locale] } }] : [];

/** What others have to do with it: who knows this person, under which name, by what leave, and what they were told. */
export const SHARING_SECTIONS: readonly Section[] = [
  atOnce(
    'linked_services',
    ({ parts, subscriber }) => parts.accountLinks.of(subscriber.id),
    async ({ clientId, linkedAt, lastSignInAt }, { nameOf }) => ({
      at: linkedAt,
      words: [{ text: await nameOf(clientId) }, { key: 'services.last', values: { moment: dateTime(lastSignInAt) } }],
    }),
  ),
  atOnce(
    'names_at_services',
    ({ parts, subscriber }) => parts.kept.subjects(subscriber.id),
    ({ legalEntity, sub, since }) => ({ at: since, words: [{ text: legalEntity }, { text: sub }] }),
  ),
  atOnce(
    'consents',
    async ({ parts, subscriber }) =>
      (await parts.consents.history(subscriber.id)).map(({ subscriberId: _, text, ...consent }) => ({
        ...consent,
        text: { ...text, hash: text.hash.toString('hex') },
      })),
    async ({ clientId, scopes, claims, givenAt, state, purposeWords }, tools) => ({
      at: givenAt,
      words: [{ text: await tools.nameOf(clientId) }, `printed.consent.${state}`, ...purposeIn(purposeWords, tools)],
      claims: tools.claimsOf({ scopes, claims }),
    }),
  ),
  atOnce(
    'withdrawals',
    ({ parts, subscriber }, limit) => parts.consents.withdrawals(subscriber.id, limit),
    async (one, { nameOf }) => {
      const at = one.confirmedAt ?? one.toldAt;
      const values = at ? { moment: dateTime(at) } : {};
      return {
        at: one.withdrawnAt,
        words: [{ text: await nameOf(one.clientId) }, { key: `withdrawals.state.${stateOf(one)}`, values }],
      };
    },
  ),
  paged(
    'disclosures',
    async ({ parts, subscriber }, { before, limit }: Page<Pick<DisclosureReceipt, 'at' | 'id'>>) => {
      const found = await parts.consents.disclosures(subscriber.id, { limit, ...(before ? { before } : {}) });
      const rows = found.map(({ subscriberId: _, ...receipt }) => receipt);
      return { rows, last: rows.length < limit ? undefined : rows.at(-1) };
    },
    async ({ at, clientId, claims, purposeWords }, tools) => ({
      at,
      words: [{ text: await tools.nameOf(clientId) }, ...purposeIn(purposeWords, tools)],
      claims: tools.claimsOf({ claims }),
    }),
  ),
  atOnce(
    'told_services',
    async ({ parts, subscriber }, limit) =>
      (await parts.deliveries.ofSubscriber(subscriber.id, limit)).map(
        ({ id: _, subscriberId: __, signOut: ___, ...entry }) => entry,
      ),
    async ({ queuedAt, clientId, kind, state }, { nameOf }) => ({
      at: queuedAt,
      words: [{ text: await nameOf(clientId) }, `printed.told.${kind}`, `printed.told.state.${state}`],
    }),
    // The ledger hands out 200 at a time, and keeps them for 90 days.
    199,
  ),
];
