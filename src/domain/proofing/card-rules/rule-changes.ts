import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import type { Queryable } from '../../../platform/database.ts';
import { BaseChanged, type ChangeSubject } from '../../approvals/index.ts';
import type { Journal } from '../../audit/index.ts';
import { type CardRules, isBeyond, looserThan, type Pad, STRICTEST_FIRST, USUAL_CARD_RULES } from './card-rules.ts';
import * as store from './store.ts';

/** There is one set of rules: every change is a change of this. */
const SUBJECT = 'card-rules';

/** How loose each rule may be; one that is not named stays as usual. */
const schema = z.strictObject({
  CARD_TRUST: z.enum(STRICTEST_FIRST.CARD_TRUST).default(USUAL_CARD_RULES.CARD_TRUST),
  CARD_STATUS: z.enum(STRICTEST_FIRST.CARD_STATUS).default(USUAL_CARD_RULES.CARD_STATUS),
  CRL_STALE_DAYS: z.int().min(0).max(365).default(USUAL_CARD_RULES.CRL_STALE_DAYS),
  CARD_STATUS_FRESHNESS: z.int().min(0).max(604_800).default(USUAL_CARD_RULES.CARD_STATUS_FRESHNESS),
  FACE_PAD_REQUIRED: z.enum(STRICTEST_FIRST.FACE_PAD_REQUIRED).default(USUAL_CARD_RULES.FACE_PAD_REQUIRED),
});

/** The newest that two people agreed on, or what a version was; before the first the usual rules. */
export async function readAgreed(on: Queryable, version?: string): Promise<{ value: CardRules; version: string }> {
  const row = version === BEFORE_THE_FIRST ? undefined : await store.agreed(on, version);
  return row
    ? { value: schema.parse(row.rules), version: row.number }
    : { value: USUAL_CARD_RULES, version: BEFORE_THE_FIRST };
}
const BEFORE_THE_FIRST = 'usual';

/** What two people have agreed to ask of an engine, where it is more than the engine does. What nobody has agreed to is no such thing. */
export async function agreedBeyond(on: Queryable, has: Pad): Promise<Pad | undefined> {
  const { value, version } = await readAgreed(on);
  const asked = value.FACE_PAD_REQUIRED;
  return version !== BEFORE_THE_FIRST && isBeyond(asked, has) ? asked : undefined;
}

/** How loose the rules for cards may be changes by two people; what one of them sets is in force as far as they agreed. */
export function createCardRuleChanges(parts: {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  /** What this process remembers of the rules is forgotten. */
  readonly forget: () => void;
  /** What the engine that compares faces does at its best; nothing where there is none. */
  readonly facePad?: Pad;
}): ChangeSubject<CardRules> {
  const { clock, journal, forget, facePad } = parts;
  return {
    kind: 'card-rules',
    view: 'trust.view',
    propose: 'trust.propose',
    approve: 'trust.approve',

    parse(input) {
      const read = schema.safeParse(input);
      if (read.success) return { parsed: true, subject: SUBJECT, value: read.data };
      const faults = read.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return { parsed: false, faults };
    },

    current: (on) => readAgreed(on),

    async test({ FACE_PAD_REQUIRED: asked }) {
      if (facePad === undefined || !isBeyond(asked, facePad)) return [];
      // Agreed on, it would let nobody's face pass and stop the next start.
      const message = `First the engine, then the rule: that of this server does ${facePad}, and with ${asked} no face would pass.`;
      return [{ level: 'error', path: 'FACE_PAD_REQUIRED', message }];
    },

    risks: (value, before = USUAL_CARD_RULES) =>
      looserThan(value, before).map((path) => ({ code: 'card_rule_loosened', path })),

    async apply(transaction, { id, value, baseVersion, by }) {
      await store.waitForTurn(transaction);
      if ((await readAgreed(transaction)).version !== baseVersion) throw new BaseChanged();
      await transaction.execute(store.insert({ rules: value, changeRequestId: id, now: clock.now() }));
      const told = { type: 'trust.rules_agreed', actor: by, detail: { ...value } } as const;
      await transaction.execute(journal.append(told).statement);
    },

    applied: forget,

    at: async (on, _subject, version) => (await readAgreed(on, version)).value,
  };
}
