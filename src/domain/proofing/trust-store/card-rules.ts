import type { Database, Queryable } from '../../../platform/database.ts';
import type { EventDetail, Journal } from '../../audit/index.ts';
import * as store from './store.ts';

/** By which rules cards, and the faces beside them, are believed, as this process goes by them. One person sets them: they are told, not agreed on. */
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

/** The rules of a server in whose settings nobody has said anything: what is looser than these is warned of. */
export const USUAL_CARD_RULES: CardRules = {
  ...{ CARD_TRUST: 'certificates', CARD_STATUS: 'asked', CRL_STALE_DAYS: 10 },
  ...{ CARD_STATUS_FRESHNESS: 86_400, FACE_PAD_REQUIRED: 'tested' },
};

/** The rules that are looser than the usual ones. */
export const loosened = (rules: CardRules): (keyof CardRules)[] => [
  ...(rules.CARD_TRUST === 'authority' ? (['CARD_TRUST'] as const) : []),
  ...(rules.CARD_STATUS === 'waived' ? (['CARD_STATUS'] as const) : []),
  ...(rules.CRL_STALE_DAYS > USUAL_CARD_RULES.CRL_STALE_DAYS ? (['CRL_STALE_DAYS'] as const) : []),
  ...(rules.CARD_STATUS_FRESHNESS > USUAL_CARD_RULES.CARD_STATUS_FRESHNESS ? (['CARD_STATUS_FRESHNESS'] as const) : []),
  ...(rules.FACE_PAD_REQUIRED === 'tested' ? [] : (['FACE_PAD_REQUIRED'] as const)),
];

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
    for (const setting of Object.keys(USUAL_CARD_RULES) as (keyof CardRules)[]) {
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
