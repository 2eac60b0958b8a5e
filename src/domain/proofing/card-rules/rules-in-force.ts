import type { Database } from '../../../platform/database.ts';
import { EidError } from '../../../platform/errors.ts';
import { type CardRules, looserOf, stricterOf, USUAL_CARD_RULES } from './card-rules.ts';
import { readAgreed } from './rule-changes.ts';

/** How the rules stand. */
export interface StandingRules {
  /** By what this process goes. */
  readonly inForce: CardRules;
  /** What its settings say. Where they are looser than what two people agreed on, they are a wish. */
  readonly wished: CardRules;
  /** How loose they may be. */
  readonly agreed: CardRules;
  /** What two people would agree on so that the settings are in force, and nothing looser; the same as `agreed` when they did. */
  readonly wanted: CardRules;
}

/** The rules in force, in the memory of this process. */
export interface RulesInForce {
  /** What any process agrees on is seen within two seconds. Without the database nothing is believed: `trust.unavailable`. */
  standing(): Promise<StandingRules>;
  /** The next one who asks looks at the database. */
  forget(): void;
}

const LOOK_EVERY = 1_500;

/** The stricter of what the settings say and what two people agreed on; in a sandbox the settings alone. */
export function createRulesInForce(parts: {
  readonly database: Database;
  readonly wished: CardRules;
  readonly fourEyes: boolean;
}): RulesInForce {
  const { database, wished, fourEyes } = parts;
  let known: StandingRules | undefined;
  let version: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<StandingRules> => {
    const asked = performance.now();
    const found = await readAgreed(database);
    // The same object as long as nothing changes: what is made by the rules is made once.
    if (!known || version !== found.version) {
      const agreed = found.value;
      const inForce = fourEyes ? stricterOf(wished, agreed) : wished;
      known = { inForce, wished, agreed, wanted: looserOf(wished, USUAL_CARD_RULES) };
      version = found.version;
    }
    lookedAt = asked;
    return known;
  };
  return {
    async standing() {
      if (known && performance.now() - lookedAt < LOOK_EVERY) return known;
      try {
        return await look();
      } catch (cause) {
        throw new EidError('trust.unavailable', { cause });
      }
    },
    forget() {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
