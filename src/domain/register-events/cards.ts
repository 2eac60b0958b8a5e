import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import type { Write } from '../../platform/unit-of-work.ts';
import { type Outcome, PUTS, type Reported } from './event.ts';
import * as store from './store.ts';

/** A report that takes a card away, or gives it back. */
type AboutCard = Extract<Reported, { kind: 'card-revoked' | 'card-held' | 'card-returned' }>;
type CardIssued = Extract<Reported, { kind: 'card-issued' }>;
export const isAboutCard = (reported: Reported): reported is AboutCard =>
  ['card-revoked', 'card-held', 'card-returned'].includes(reported.kind);

/** Cards, each of which has its own word. */
export function createCards({ clock, sealer }: { readonly clock: Clock; readonly sealer: Sealer }) {
  return {
    /** Why a report changes nothing for the person; `known` is how their card stood until now. */
    async judged(
      transaction: Queryable,
      key: Buffer,
      { known, reported }: { readonly known: store.Standing | undefined; readonly reported: AboutCard },
    ): Promise<Outcome | undefined> {
      const document = store.documentKey(sealer, reported.document_number);
      const card = await store.cardOf(transaction, key, document);
      const last = await store.issuedLast(transaction, key);
      const isFormer = last !== undefined && !last.document.equals(document);
      // What was said of a card since it was revoked has not made it good: a revocation holds whenever one is told of it.
      if (reported.kind === 'card-revoked' && card && card.value !== 'revoked' && !isFormer)
        return (card.issued ?? 0) > reported.sequence ? 'superseded' : undefined;
      if (known && known.sequence >= reported.sequence) return 'superseded';
      // It does not become good by being held, or by being given back.
      if (reported.kind !== 'card-revoked' && card?.value === 'revoked') return 'superseded';
      return isFormer ? 'former_card' : undefined;
    },

    /**
     * How the card of a number stands by a report that one was issued, in whatever order one is told: as what was said of that card
     * since, whatever was said of another. Undefined: another was issued after it. One of a former number was not issued to this one.
     */
    async issued(
      transaction: Queryable,
      key: Buffer,
      {
        known,
        reported,
        isOwn,
      }: { readonly known: store.Standing | undefined; readonly reported: CardIssued; readonly isOwn: boolean },
    ): Promise<store.Word | undefined> {
      const { sequence } = reported;
      const last = await store.issuedLast(transaction, key);
      const isOver = isOwn ? last && last.issued >= sequence : last || (known && known.sequence >= sequence);
      if (isOver) return undefined;
      const document = store.documentKey(sealer, reported.document_number);
      const word = (await store.wordSince(transaction, key, document, sequence)) ?? {
        value: 'valid' as const,
        sequence,
      };
      return { ...word, stood: known?.value === word.value && known.document?.equals(document) === true };
    },

    /** What is said of one card stands with it, whatever it comes to for the person. */
    putting(key: Buffer, reported: Reported, isOwn: boolean): Write[] {
      if (reported.kind !== 'card-issued' && !isAboutCard(reported)) return [];
      const document = store.documentKey(sealer, reported.document_number);
      const [[, value], { sequence }] = [PUTS[reported.kind], reported];
      const isNew = isOwn && reported.kind === 'card-issued';
      return [store.putCard(key, { document, value, sequence, isNew, now: clock.now() })];
    },
  };
}
