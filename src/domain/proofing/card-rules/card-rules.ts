import type { Database, Queryable } from '../../../platform/database.ts';
import type { EventDetail, Journal } from '../../audit/index.ts';
import * as store from './store.ts';

/**
 * By which rules cards, and the faces beside them, are believed. What one person sets is a wish: where it is looser than usual, two
 * people have to agree to it first.
 */
export interface CardRules {
  /** Who says that a card is genuine: the country's certificates, or the authority's word alone. */
  readonly CARD_TRUST: 'certificates' | 'authority';
  /** Whether somebody who could have withdrawn a card is asked about it. */
  readonly CARD_STATUS: 'asked' | 'waived';
  /** Days beyond its next update that a national revocation list still counts as fresh. */
  readonly CRL_STALE_DAYS: number;
  /** Seconds that the authority's word for a card holds while it cannot be reached. */
  readonly CARD_STATUS_FRESHNESS: number;
  /** What is asked of the engine that compares faces (ISO/IEC 30107-3). */
  readonly FACE_PAD_REQUIRED: 'none' | 'active-challenge' | 'tested';
}

/** The rules of a server in whose settings nobody has said anything: nobody has to agree to what is as strict as these. */
export const USUAL_CARD_RULES: CardRules = {
  ...{ CARD_TRUST: 'certificates', CARD_STATUS: 'asked', CRL_STALE_DAYS: 10 },
  ...{ CARD_STATUS_FRESHNESS: 86_400, FACE_PAD_REQUIRED: 'tested' },
};

/** From the strictest to the loosest; of figures the larger one is looser. */
export const STRICTEST_FIRST = {
  CARD_TRUST: ['certificates', 'authority'],
  CARD_STATUS: ['asked', 'waived'],
  FACE_PAD_REQUIRED: ['tested', 'active-challenge', 'none'],
} as const satisfies { [Rule in keyof CardRules as CardRules[Rule] extends string ? Rule : never]: readonly string[] };

/** How well an engine tells a person from a picture of one. */
export type Pad = CardRules['FACE_PAD_REQUIRED'];

/** Whether more is asked of an engine than it does. */
export const isBeyond = (asked: Pad, has: Pad): boolean => {
  const { FACE_PAD_REQUIRED: order } = STRICTEST_FIRST;
  return order.indexOf(asked) < order.indexOf(has);
};

const NAMES = Object.keys(USUAL_CARD_RULES) as (keyof CardRules)[];

function loosenessOf(rules: CardRules, name: keyof CardRules): number {
  const value = rules[name];
  if (typeof value === 'number') return value;
  return (STRICTEST_FIRST[name as keyof typeof STRICTEST_FIRST] as readonly string[]).indexOf(value);
}

/** The rules that are looser than the same of others. */
export const looserThan = (rules: CardRules, others: CardRules): (keyof CardRules)[] =>
  NAMES.filter((name) => loosenessOf(rules, name) > loosenessOf(others, name));

/** Of each rule the stricter word of two. */
export const stricterOf = (rules: CardRules, others: CardRules): CardRules => ({
  ...rules,
  ...Object.fromEntries(looserThan(rules, others).map((name) => [name, others[name]])),
});

/** Of each rule the looser word of two. */
export const looserOf = (rules: CardRules, others: CardRules): CardRules => ({
  ...rules,
  ...Object.fromEntries(looserThan(others, rules).map((name) => [name, others[name]])),
});

/**
 * Journals each rule that is another than the journal last said, or, where it has said nothing, than the usual one. Processes
 * that start together wait for one another: a change is told once.
 */
export async function recordRules(
  { database, journal }: { readonly database: Database; readonly journal: Pick<Journal, 'append' | 'query'> },
  rules: CardRules,
): Promise<void> {
  await database.transaction(async (transaction) => {
    await store.waitForTurn(transaction);
    const before = { ...USUAL_CARD_RULES, ...(await lastTold(journal, transaction)) };
    for (const setting of NAMES) {
      if (rules[setting] === before[setting]) continue;
      const detail = { setting, before: before[setting], after: rules[setting] } satisfies EventDetail;
      const told = journal.append({ type: 'trust.rule_changed', actor: { kind: 'system' }, detail });
      await transaction.execute(told.statement);
    }
  });
}

const PAGE = 100;

/** What the journal says of each rule: the newest event of each counts. */
async function lastTold(journal: Pick<Journal, 'query'>, on: Queryable): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {};
  for (let before: number | undefined; ; ) {
    const asked = { types: ['trust.rule_changed'], limit: PAGE, ...(before === undefined ? {} : { before }) } as const;
    const entries = await journal.query(asked, on);
    for (const { detail = {} } of entries) told[String(detail.setting)] ??= detail.after;
    before = entries.at(-1)?.sequence;
    if (entries.length < PAGE || before === undefined) return told;
  }
}
