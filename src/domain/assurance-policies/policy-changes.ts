import type { Clock } from '../../platform/clock.ts';
import { epochSeconds } from '../../platform/clock.ts';
import { BaseChanged, type ChangeSubject, type Finding, type Risk } from '../approvals/index.ts';
import {
  type AccountDifference,
  compareAccountLevels,
  comparePolicies,
  isEasier,
  isHarder,
  type Policy,
  type PolicyDifference,
  parsePolicy,
  startOfDay,
  unreachableFrom,
} from '../assurance/index.ts';
import type { Journal } from '../audit/index.ts';
import type { AssurancePolicies } from './policy-in-force.ts';
import { atVersion, newest } from './policy-in-force.ts';
import { saidAgain } from './said-again.ts';
import * as store from './store.ts';

/** There is one policy: every change is a change of this. */
export const POLICY_SUBJECT = 'assurance-policy';

/** What the changes work with. */
export interface PolicyChangesParts {
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly policies: Pick<AssurancePolicies, 'forget'>;
}

/** The assurance policy changes by two people, forward only: what an older version said is brought back as a new one. */
export function createPolicyChanges({ clock, journal, policies }: PolicyChangesParts): ChangeSubject<Policy> {
  const current: ChangeSubject<Policy>['current'] = async (on) => {
    const policy = await newest(on);
    return { value: policy, version: policy.version };
  };
  return {
    kind: 'assurance-policy',
    view: 'policy.view',
    propose: 'policy.propose',
    approve: 'policy.approve',

    parse(input) {
      const read = parsePolicy(input);
      return read.parsed
        ? { parsed: true, subject: POLICY_SUBJECT, value: read.policy }
        : { parsed: false, faults: read.faults };
    },

    current,

    test: async (policy, before) =>
      before ? [...faultsAgainst(policy, before, clock.now()), ...tellChanges(policy, before, clock.now())] : [],

    risks: (policy, before) => (before ? risksOf(policy, before) : []),

    async apply(transaction, { id, value, baseVersion, by }) {
      await store.waitForTurn(transaction);
      const before = await current(transaction, POLICY_SUBJECT);
      if (before?.version !== baseVersion) throw new BaseChanged();
      const { version, withdrawn } = value;
      await transaction.execute(store.insert({ version, policy: value, changeRequestId: id, now: clock.now() }));
      const detail = { version, before: before?.version ?? null, withdrawn: [...withdrawn] };
      await transaction.execute(journal.append({ type: 'policy.adopted', actor: by, detail }).statement);
    },

    applied: () => policies.forget(),

    async at(on, _subject, version) {
      const older = await atVersion(on, version);
      return older && saidAgain(older, await newest(on), dayOf(epochSeconds(clock.now())));
    },
  };
}

/** The policy of a release as the version that follows the one in force: what two people are asked to agree on. */
export function proposalOf(release: Policy, inForce: Policy, now: Date): Policy {
  const { version } = inForce.version > release.version ? inForce : release;
  const withdrawn = [...new Set([...inForce.withdrawn, ...release.withdrawn])];
  return saidAgain(release, { ...inForce, version, withdrawn }, dayOf(epochSeconds(now)));
}

const DAY = 86_400;
const error = (path: string, message: string): Finding => ({ level: 'error', path, message });
const warning = (path: string, message: string): Finding => ({ level: 'warning', path, message });

const rowsOf = ({ worth, combinations, evidence }: Policy) => [
  ...worth.map((row, at) => ({ row, path: `worth.${at}` })),
  ...combinations.map((row, at) => ({ row, path: `combinations.${at}` })),
  ...evidence.map((row, at) => ({ row, path: `evidence.${at}` })),
];

/** Without it nobody could sign in anywhere that asks for a second factor, this server's own pages included. */
const MUST_STAY_REACHABLE = 2;

/** What a policy may not do to the one before it, nor to everybody. */
function faultsAgainst(policy: Policy, before: Policy, now: Date): Finding[] {
  const earliest = epochSeconds(now) - 2 * DAY;
  // A day began up to a day ago: one that began before yesterday is more than a day in the past.
  const past = (day: string): boolean => startOfDay(day) < earliest;
  const known = new Map(rowsOf(before).map(({ row }) => [row.id, row]));
  const kept = new Set(rowsOf(policy).map(({ row }) => row.id));
  const shut = unreachableFrom(policy, MUST_STAY_REACHABLE, epochSeconds(now));
  return [
    ...(shut === undefined
      ? []
      : [error('', `From ${dayOf(shut)} on nobody reaches ${MUST_STAY_REACHABLE}, whatever they prove.`)]),
    ...(policy.version > before.version
      ? []
      : [error('version', `It must be newer than ${before.version}, which is in force.`)]),
    ...before.withdrawn
      .filter((version) => !policy.withdrawn.includes(version))
      .map((version) => error('withdrawn', `${version} was withdrawn, and stays so.`)),
    ...[...known.keys()]
      .filter((id) => !kept.has(id))
      .map((id) => error('', `The row ${id} is gone: let it end by a last day instead.`)),
    ...rowsOf(policy).flatMap(({ row, path }) => {
      const old = known.get(row.id);
      const changedBegin = row.effectiveFrom !== old?.effectiveFrom;
      const changedEnd = row.effectiveUntil !== undefined && row.effectiveUntil !== old?.effectiveUntil;
      return [
        ...(changedBegin && past(row.effectiveFrom)
          ? [error(`${path}.effectiveFrom`, 'It would have begun more than a day ago.')]
          : []),
        ...(changedEnd && past(row.effectiveUntil!)
          ? [error(`${path}.effectiveUntil`, 'It would have ended more than a day ago.')]
          : []),
      ];
    }),
  ];
}

/** More would not be read; the diff has all of it. */
const MOST_TOLD = 20;

function tellChanges(policy: Policy, before: Policy, now: Date): Finding[] {
  const since = epochSeconds(now);
  const differences = [
    ...compareAccountLevels(before, policy, since).map((one) => accountSentenceOf(one, since)),
    ...comparePolicies(before, policy, since).map((one) => sentenceOf(one, since)),
  ];
  const told = differences.slice(0, MOST_TOLD).map((sentence) => warning('', sentence));
  const more = differences.length - told.length;
  return [
    ...told,
    ...(more > 0 ? [warning('', `And ${more} more sets of proofs or evidence reach something else.`)] : []),
    ...newlyWithdrawn(policy, before).map((version) =>
      warning(
        'withdrawn',
        `Every token computed under ${version} ends, and what it made level 2 is looked at once more at its next use.`,
      ),
    ),
  ];
}

/** “password + SMS now reaches 1 instead of 2”. */
function sentenceOf({ proofs, age, from, before, after }: PolicyDifference, since: number): string {
  const when = from > since ? ` from ${dayOf(from)}` : ' now';
  const old = age > 0 ? `, ${age} seconds old,` : '';
  return `${proofs.join(' + ')}${old}${when} reaches ${reachIn(after)} instead of ${reachIn(before)}`;
}

/** “Evidence of validated + face, in_person at 14 years, now carries account level 1 instead of 2”. */
function accountSentenceOf({ facets, channel, age, from, before, after }: AccountDifference, since: number): string {
  const when = from > since ? ` from ${dayOf(from)}` : ' now';
  const carried = (level: number): string => (level === 0 ? 'no account' : `account level ${level}`);
  return `Evidence of ${facets.join(' + ')}, ${channel} at ${age} years,${when} carries ${carried(after)} instead of ${carried(before)}`;
}

/** The day in Viet Nam. */
const dayOf = (moment: number): string => new Date((moment + 7 * 3600) * 1000).toISOString().slice(0, 10);

const reachIn = ({ authenticationLevel, strong, phishingResistant }: PolicyDifference['before']): string =>
  [
    authenticationLevel === 0 ? 'nothing' : String(authenticationLevel),
    ...(strong ? ['strong'] : []),
    ...(phishingResistant ? ['phishing resistant'] : []),
  ].join(', ');

const newlyWithdrawn = (policy: Policy, before: Policy): string[] =>
  policy.withdrawn.filter((version) => !before.withdrawn.includes(version));

/** Over all days of both: a risk is one whenever it comes. */
function risksOf(policy: Policy, before: Policy): Risk[] {
  const differences = comparePolicies(before, policy, 0);
  const accounts = compareAccountLevels(before, policy, 0);
  const easier = differences.some(isEasier) || accounts.some((one) => one.after > one.before);
  const harder = differences.some(isHarder) || accounts.some((one) => one.after < one.before);
  return [
    ...(easier ? [{ code: 'policy_easier', path: '' }] : []),
    ...(harder ? [{ code: 'policy_harder', path: '' }] : []),
    ...(newlyWithdrawn(policy, before).length > 0 ? [{ code: 'policy_withdraws', path: 'withdrawn' }] : []),
  ];
}
