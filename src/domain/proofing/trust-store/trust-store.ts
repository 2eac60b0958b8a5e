import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/database.ts';
import type { TrustAnchors } from '../../../standards/icao9303/pki/anchors.ts';
import type { Journal } from '../../audit/index.ts';
import { type CardRules, recordRules } from '../card-rules/card-rules.ts';
import { createRulesInForce, type StandingRules } from '../card-rules/rules-in-force.ts';
import { heldAs, importCertificate, pinMasterListRoot, pinNational, remove } from './certificates.ts';
import { type Change, createImporter, type NeedsTwo, type Outcome } from './importing.ts';
import { importMasterList, type MasterListChange } from './master-lists.ts';
import { importRevocationList } from './revocation-lists.ts';
import { createSnapshots } from './snapshots.ts';
import type { MasterListRow, RevocationListRow, TrustedRow } from './store.ts';
import * as store from './store.ts';
import { type Warning, warningsOf } from './warnings.ts';

/** Who does it: the name that the operator gives at the command line, and that the journal keeps. */
export interface Operator {
  readonly by: string;
}

/** Everything that is trusted, as an operator reads it. */
export interface TrustListing {
  /** Changes with every change. */
  readonly version: string;
  readonly certificates: readonly TrustedRow[];
  /** The list in use of each publisher. */
  readonly masterLists: readonly MasterListRow[];
  readonly revocationLists: readonly RevocationListRow[];
}

/**
 * Whose signature on a card is believed. Every import is one transaction with its journal event, whole or not at all;
 * one that is refused changes nothing and is journalled as refused. Files come as DER.
 */
export interface TrustStore {
  /**
   * What is trusted now, in memory; a change by any process is seen within two seconds. Without the database nothing is
   * trusted: `trust.unavailable`.
   */
  anchors(): Promise<TrustAnchors>;
  /** A country authority (CSCA) by an operator's word; never one of those that vouch for our own cards. */
  importCertificate(der: Buffer, operator: Operator): Promise<Outcome<Change>>;
  /** An authority of our own country: from now on only such vouch for our own cards. Outside a sandbox two people do it. */
  pinNational(der: Buffer, operator: Operator): Promise<Outcome<Change> | NeedsTwo>;
  /** The authority under which the signer of a country's master list must stand. It vouches for no document by that. */
  pinMasterListRoot(der: Buffer, operator: Operator): Promise<Outcome<Change>>;
  importMasterList(bytes: Buffer, operator: Operator): Promise<Outcome<MasterListChange>>;
  importRevocationList(der: Buffer, operator: Operator): Promise<Outcome<Change>>;
  /**
   * Ends trust in a certificate whatever lists say, until an operator imports it again. `sha256`: 8 figures or more. Outside
   * a sandbox two people remove one that is pinned as our own.
   */
  remove(sha256: string, operator: Operator): Promise<Outcome<Change> | NeedsTwo>;
  /** The one that is pinned as our own and whose hash begins so: 8 figures or more. */
  national(sha256: string): Promise<{ readonly sha256: string; readonly der: Buffer } | undefined>;
  /** The next one who asks for `anchors` or `rules` looks at the database. */
  forget(): void;
  list(): Promise<TrustListing>;
  /** By which rules cards are believed, beside what is trusted: those of the settings, no looser than two people agreed on. */
  rules(): Promise<StandingRules>;
  /** Journals which of those in force are others than before. For a server that starts. */
  recordRules(): Promise<void>;
  /** What an operator has to do, the most urgent first. */
  warnings(now: Date): Promise<Warning[]>;
}

/** What the trust store works with. */
export interface TrustStoreParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'query'>;
  /**
   * What vouches for our own cards, and how loosely, changes by two people (`createNationalCscaChanges`, `createCardRuleChanges`):
   * everywhere but in a sandbox.
   */
  readonly fourEyes: boolean;
  /** Our own country as certificates write it, two letters. */
  readonly country?: string;
  /** What the settings say. */
  readonly rules: CardRules;
  /** What the engine that compares faces does at its best; nothing where there is none, and in a sandbox. */
  readonly facePad?: CardRules['FACE_PAD_REQUIRED'];
  /** Told of a row that can no longer be read; that one is not trusted, the others are. */
  readonly failed?: (error: unknown) => void;
}

export function createTrustStore(parts: TrustStoreParts): TrustStore {
  const { database, fourEyes, country = 'VN', failed = () => {} } = parts;
  const snapshots = createSnapshots({ database, test: !fourEyes, failed });
  const rules = createRulesInForce({ database, fourEyes, wished: parts.rules });
  const importing = createImporter({ ...parts, changed: snapshots.forget });
  return {
    anchors: snapshots.current,
    importCertificate: (der, operator) => importing('certificate', der, operator, importCertificate(der, country)),
    pinNational: async (der, operator) =>
      fourEyes ? NEEDS_TWO : importing('national', der, operator, pinNational(der, country, { test: true })),
    pinMasterListRoot: (der, operator) => importing('root', der, operator, pinMasterListRoot(der)),
    importMasterList: (bytes, operator) => importing('master_list', bytes, operator, importMasterList(bytes, country)),
    importRevocationList: (der, operator) => importing('revocation_list', der, operator, importRevocationList(der)),
    remove: async (sha256, operator) =>
      fourEyes && (await pinnedAs(database, sha256)).length > 0
        ? NEEDS_TWO
        : importing('removal', sha256, operator, remove(sha256)),
    async national(sha256) {
      const [pinned, ...others] = await pinnedAs(database, sha256);
      if (!pinned || others.length > 0) return undefined;
      const state = await store.nationalState(database, pinned.sha256);
      return state && { sha256: pinned.sha256, der: state.der };
    },
    forget() {
      snapshots.forget();
      rules.forget();
    },
    list: () => listing(database),
    rules: rules.standing,
    recordRules: async () => recordRules(parts, (await rules.standing()).inForce),
    warnings: async (now) =>
      warningsOf(await listing(database), {
        ...{ now, country, rules: await rules.standing() },
        ...(parts.facePad === undefined ? {} : { facePad: parts.facePad }),
      }),
  };
}

const NEEDS_TWO: NeedsTwo = { done: false, needsTwo: true };

const pinnedAs = async (on: Queryable, prefix: string): Promise<TrustedRow[]> =>
  (await heldAs(on, prefix)).filter(({ national }) => national);

const listing = async (on: Queryable): Promise<TrustListing> => ({
  version: String(await store.version(on)),
  certificates: await store.trusted(on),
  masterLists: await store.newestMasterLists(on),
  revocationLists: await store.revocationLists(on),
});
