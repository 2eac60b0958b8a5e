import type { Clock } from '../../platform/clock.ts';
import type { Queryable } from '../../platform/database.ts';
import type { Sealer } from '../../platform/sealed.ts';
import { writeTogether } from '../../platform/unit-of-work.ts';
import { type Outcome, PUTS, type Reported } from './event.ts';
import * as store from './store.ts';

/** A report that says a card was issued, takes it away, or gives it back. */
type OfCard = Extract<Reported, { kind: 'card-issued' | 'card-revoked' | 'card-held' | 'card-returned' }>;
export const isOfCard = (reported: Reported): reported is OfCard => PUTS[reported.kind][0] === 'card';

/** The card issued last, as far as one was told, and the cards of which a word is about the person. */
interface Present {
  readonly last?: store.Card;
  readonly spoken: readonly store.Card[];
  /** The word that holds. A revocation gives way to nothing but a card that is issued. */
  readonly holds?: store.Card;
}

/** How the card of a person stands follows from what is known of each card alone, in whatever order one was told of it. */
function presentOf(cards: readonly store.Card[]): Present {
  const [last] = cards.filter(({ issued }) => issued !== undefined).sort(isNewer);
  // One of which nobody has said that it was issued can be the card of a new number. Otherwise it is a former one.
  const isNew = ({ issued, at }: store.Card): boolean => issued === undefined && at > (last ? leftBy(last) : 0);
  const spoken = cards.filter((card) => card === last || isNew(card));
  const [holds] = [...spoken].sort((one, other) => weight(other) - weight(one) || other.at - one.at);
  return { spoken, ...(last && { last }), ...(holds && { holds }) };
}
const leftBy = ({ left }: store.Card): number => left ?? Number.POSITIVE_INFINITY;
/** Issued to the number that a person has now, or to the one before, and so on; within one number the last. */
const isNewer = (one: store.Card, other: store.Card): number =>
  leftBy(one) === leftBy(other) ? (other.issued ?? 0) - (one.issued ?? 0) : leftBy(other) - leftBy(one);
const weight = ({ value }: store.Card): number => (value === 'revoked' ? 1 : 0);

const standsSo = (known: store.Standing | undefined, { value, document }: store.Card): boolean =>
  known?.value === value && known.document?.equals(document) === true;

/** Cards, each of which has its own word. */
export function createCards({ clock, sealer }: { readonly clock: Clock; readonly sealer: Sealer }) {
  const present = async (transaction: Queryable, key: Buffer) => presentOf(await store.cards(transaction, key));

  return {
    /**
     * What is said of one card stands with it from now on. Answers how the card of the number stands by that; or why it changes nothing.
     * `known` is how it stood; `left` the first move of the number after the report, of one that a former number had.
     */
    async heard(
      transaction: Queryable,
      key: Buffer,
      { known, reported, left }: { known: store.Standing | undefined; reported: OfCard; left: number | undefined },
    ): Promise<store.Word | Outcome> {
      const [[, value], { kind, sequence }] = [PUTS[reported.kind], reported];
      const document = store.documentKey(sealer, reported.document_number);
      const isThis = (card: store.Card): boolean => card.document.equals(document);
      const was = (await store.cards(transaction, key)).find(isThis);
      const isNew = kind === 'card-issued';
      const card = { document, value, sequence, isNew, left, now: clock.now() };
      await writeTogether(transaction, [store.putCard(key, card)]);
      const { last, spoken, holds } = await present(transaction, key);
      if (!holds) return 'former_card';
      const isLast =
        isNew && last !== undefined && isThis(last) && last.issued === sequence && was?.issued !== sequence;
      const [stood, before] = [standsSo(known, holds), known?.sequence ?? 0];
      // It does not become good by being held, or by being given back.
      const isOver = before >= sequence || (kind !== 'card-revoked' && was?.value === 'revoked');
      const isNews = !isOver && spoken.some(isThis);
      if (isLast || isNews || !stood) {
        const since = Math.max(before, holds.at, isNews ? sequence : 0);
        return { value: holds.value, sequence: since, document: holds.document, stood, isLast };
      }
      return isOver || isNew ? 'superseded' : 'former_card';
    },

    /** The cards of a number are those of the one that has taken its place, by these moves, and so is what they come to. */
    async handOn(
      transaction: Queryable,
      [from, to]: readonly [Buffer, Buffer],
      { moves, now }: { moves: readonly number[]; now: Date },
    ): Promise<void> {
      const before = await present(transaction, to);
      await writeTogether(transaction, [store.handCardsOn(from, to, moves)]);
      const { last, holds } = await present(transaction, to);
      if (!holds) return;
      const known = await store.standing(transaction, to, 'card');
      const isTheirs = last !== undefined && (last.issued !== before.last?.issued || !before.last);
      const said = isTheirs ? (await store.standing(transaction, from, 'card'))?.said : undefined;
      const { value, document, at } = holds;
      const sequence = Math.max(at, known?.sequence ?? 0);
      await writeTogether(transaction, [
        store.put(to, 'card', { value, document, sequence, now, ...(said && { said }) }),
      ]);
    },
  };
}
export type Cards = ReturnType<typeof createCards>;
