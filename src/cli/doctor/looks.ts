import type { App } from '../../app.ts';
import type { Settings } from '../../config/settings.ts';
import { FEWEST_APPROVERS, may, type Operator, type Reserve } from '../../domain/operators/index.ts';
import type { Expiring } from '../../domain/relying-parties/index.ts';
import { ROTATE_EVERY } from '../../jobs/rotate-keys.ts';
import { isProvisional } from '../../platform/plain-values/working-days.ts';
import { warningSentence } from '../trust/standing.ts';
import { forged } from './forged.ts';

/** What a look works with. */
interface Seen {
  readonly parts: App['parts'];
  readonly settings: Settings;
  readonly now: Date;
}

/** What was found: a word on how it stands, what is wrong, and what falls due. */
interface Look {
  readonly says?: string;
  readonly faults?: readonly string[];
  readonly warnings?: readonly string[];
}

const MINUTE = 60_000;
const DAY = 86_400_000;
const day = (at: Date): string => at.toISOString().slice(0, 10);
const counted = (number: number, one: string, many = `${one}s`): string => `${number} ${number === 1 ? one : many}`;

/** Everything that is looked at inside, in the order of its telling. */
export const LOOKS: readonly (readonly [what: string, look: (seen: Seen) => Promise<Look>])[] = [
  ['journal', journal],
  ['signing keys', signingKeys],
  ['assurance policy', assurancePolicy],
  ['card trust', cardTrust],
  ['registers', registers],
  ['register events', registerEvents],
  ['clients', clients],
  ['operators', operators],
  ['change requests', changeRequests],
  ['written by this server', async ({ parts }) => ({ faults: await forged(parts) })],
  ['deliveries', deliveries],
  ['data requests', dataRequests],
  ['withdrawn consents', withdrawals],
  ['working days', workingDays],
];

async function journal({ parts, now }: Seen): Promise<Look> {
  const { sequence, waiting, checkpoint } = await parts.journal.reached();
  const since = checkpoint ? `the last checkpoint is of ${checkpoint.at.toISOString()}` : 'nothing is signed yet';
  const still = waiting > 0 && (!checkpoint || now.getTime() - checkpoint.at.getTime() > MINUTE);
  return {
    says: `${counted(sequence, 'entry', 'entries')}, ${since}`,
    warnings: still ? [`${counted(waiting, 'event waits', 'events wait')}, and ${since}: is the server running?`] : [],
  };
}

async function signingKeys({ parts, settings, now }: Seen): Promise<Look> {
  const current = parts.signingKeys.list().filter(({ state }) => state === 'current');
  const due = current.flatMap(({ algorithm, activatedAt, createdAt }) => {
    const at = new Date((activatedAt ?? createdAt).getTime() + ROTATE_EVERY * 1_000);
    return [{ algorithm, at }];
  });
  const [next] = due.sort((a, b) => a.at.getTime() - b.at.getTime());
  return {
    says: `in custody of ${settings.signingKeyCustody}${next ? `; ${next.algorithm} rotates next, on ${day(next.at)}` : ''}`,
    warnings: [
      ...current
        .filter(({ custody }) => custody !== settings.signingKeyCustody)
        .map(
          ({ algorithm, custody }) =>
            `${algorithm} still signs in custody of ${custody}: it moves when two people rotate it twice. senid keys rotate`,
        ),
      ...due
        .filter(({ at }) => now.getTime() - at.getTime() > DAY)
        .map(
          ({ algorithm, at }) =>
            `${algorithm} should have rotated on ${day(at)}: is the server running? senid keys rotate`,
        ),
    ],
  };
}

/** Of a newer one in the release nothing is decided before two people have adopted it. */
async function assurancePolicy({ parts, settings }: Seen): Promise<Look> {
  const [{ version }, release] = await Promise.all([parts.policies.inForce(), parts.policies.newerInRelease()]);
  return {
    says: `version ${version} is in force`,
    warnings: release
      ? [
          `version ${version} is in force, and this release comes with ${release.version}: propose it at ${settings.issuer}/operator/policy`,
        ]
      : [],
  };
}

async function cardTrust({ parts, now }: Seen): Promise<Look> {
  const warnings = await parts.trustStore.warnings(now);
  return { warnings: warnings.map((warning) => `${warningSentence(warning)}; see senid trust check`) };
}

async function registers({ parts }: Seen): Promise<Look> {
  const standing = await parts.registers.standing();
  const off = standing.filter(({ how }) => how === 'off').map(({ what }) => what);
  // Nobody who signs up gives fingerprints: only whoever comes to a counter does.
  const missing = off.filter((what) => what !== 'fingerprint system');
  const counter = missing.length === 0 && off.length > 0;
  const all = standing.map(({ what, how }) => `${what} ${how === 'https' ? 'over HTTPS' : how}`).join(', ');
  return {
    says: off.length === standing.length ? 'none, so nobody signs up online' : all,
    warnings: [
      ...(missing.length > 0 && off.length < standing.length
        ? [`nobody signs up online without the ${missing.join(' and the ')}: see senid settings`]
        : []),
      ...(counter ? ['nobody reaches level 2 at a counter without the fingerprint system: see senid settings'] : []),
      ...standing.flatMap(({ what, silence }) =>
        silence ? [`the ${what} gives us no access token (${silence}): are address, name and secret right?`] : [],
      ),
    ],
  };
}

async function registerEvents({ parts }: Seen): Promise<Look> {
  const { count, newest } = await parts.registerEvents.kept();
  return {
    warnings: newest
      ? [
          `${count} of them are kept that nobody could follow, the last on ${day(newest)}: ask the register what they mean`,
        ]
      : [],
  };
}

async function clients({ parts, now }: Seen): Promise<Look> {
  const expiring = await parts.relyingParties.expiring(now);
  return { warnings: expiring.map((one) => expirySentence(one, now)) };
}

function expirySentence({ clientId, what, kid, expiresAt }: Expiring, now: Date): string {
  const which = { key: `the key ${kid}`, secret: 'the secret', previous_secret: 'the former secret' }[what];
  return `${which} of ${clientId} ${expiresAt <= now ? 'ended' : 'ends'} on ${day(expiresAt)}: ask its developers for the next one`;
}

/** Whether two of them can change anything: one proposes, and another approves. */
const canAgree = (active: readonly Operator[]): boolean =>
  active.some(
    (one) =>
      may(one.roles, 'clients.propose') &&
      active.some((other) => other.person !== one.person && may(other.roles, 'clients.approve')),
  );

async function operators({ parts, settings }: Seen): Promise<Look> {
  const active = await parts.operators.list({ state: 'active', limit: 200 });
  const says = `${counted(active.length, 'active operator')}${active.length === 200 ? ' or more' : ''}`;
  if (active.length === 0) return { warnings: ['there is none yet: senid operator bootstrap makes the first'] };
  if (active.length === 1)
    return { warnings: [`only one, so nothing can be approved: invite another at ${settings.issuer}/operator`] };
  const agree = canAgree(active)
    ? []
    : [`${says}, but no two of whom one may propose clients and another approve them: change their roles`];
  return { says, warnings: [...agree, ...reserveSentences(await parts.operators.reserve())] };
}

/** Who loses every passkey is let in again by two others: there have to be two others. */
function reserveSentences({ approvers, thin, indispensable }: Reserve): string[] {
  const roles = thin.map(({ role, holders }) => `${role} ${holders}`).join(', ');
  return [
    ...(approvers < FEWEST_APPROVERS
      ? [`${counted(approvers, 'person', 'people')} can approve: have at least ${FEWEST_APPROVERS}`]
      : []),
    ...(indispensable > 0
      ? [
          `${counted(indispensable, 'person is one', 'people are each one')} without whom no two could let anybody in again who lost every passkey: invite another`,
        ]
      : []),
    ...(thin.length > 0 ? [`fewer than two hold a role (${roles}): whoever is lost leaves nobody to do it`] : []),
  ];
}

async function changeRequests({ parts, settings }: Seen): Promise<Look> {
  const waiting = await parts.approvals.list({ states: ['proposed'], limit: 200 });
  const more = waiting.length === 200 ? ' or more' : '';
  return waiting.length === 0
    ? { says: 'none waits for approval' }
    : { warnings: [`${waiting.length}${more} wait for approval at ${settings.issuer}/operator/changes`] };
}

async function dataRequests({ parts, settings }: Seen): Promise<Look> {
  const { open, overdue } = await parts.dataRequests.counts();
  const at = `${settings.issuer}/operator/data-requests`;
  return {
    says: open === 0 ? 'none is open' : `${counted(open, 'is', 'are')} open`,
    warnings:
      overdue > 0 ? [`${counted(overdue, 'is', 'are')} past a date that the law gives: answer them at ${at}`] : [],
  };
}

async function withdrawals({ parts, settings }: Seen): Promise<Look> {
  const { unconfirmed, toTell, overdue } = await parts.consents.withdrawalCounts();
  const at = `${settings.issuer}/operator/data-requests`;
  return {
    says: unconfirmed === 0 ? 'all are confirmed' : `${counted(unconfirmed, 'waits', 'wait')} for a confirmation`,
    warnings: [
      ...(toTell > 0
        ? [`no message reaches the relying party of ${toTell}: tell it by hand, and note it at ${at}`]
        : []),
      ...(overdue > 0
        ? [`${counted(overdue, 'was', 'were')} not confirmed in time: ask the relying parties, and note it at ${at}`]
        : []),
    ],
  };
}

/** Deadlines that the law counts in working days need the plan of the year in which they end. */
async function workingDays({ now }: Seen): Promise<Look> {
  const soon = new Date(now.getTime() + 45 * DAY);
  const year = new Date(soon.getTime() + 7 * 60 * MINUTE).getUTCFullYear();
  return isProvisional(soon)
    ? {
        warnings: [
          `those of ${year} are counted from the Labour Code: once the Government has announced its plan, a release has to carry it`,
        ],
      }
    : { says: `announced for ${year}` };
}

async function deliveries({ parts }: Seen): Promise<Look> {
  const { waiting, overdue, dead } = await parts.outbox.state();
  const late = overdue > 300;
  return {
    says: waiting === 0 ? 'nothing waits' : `${counted(waiting, 'message waits', 'messages wait')}`,
    warnings: [
      ...(late
        ? [`the oldest message is ${Math.round(overdue)} s overdue: is the server running, is the gateway up?`]
        : []),
      ...(dead > 0
        ? [`${counted(dead, 'message was', 'messages were')} given up: see the delivery ledger of the console`]
        : []),
    ],
  };
}
