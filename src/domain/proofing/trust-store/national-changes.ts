import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import type { Database, Queryable } from '../../../platform/database.ts';
import { type Certificate, parseCertificate } from '../../../standards/icao9303/pki/certificate.ts';
import { asRefusal, demand, REFUSALS, type RefusalCode } from '../../../standards/icao9303/refusal.ts';
import { BaseChanged, type ChangeSubject, type Finding } from '../../approvals/index.ts';
import type { Journal } from '../../audit/index.ts';
import { demandWhole, nationalFrom, pinNational, remove } from './certificates.ts';
import { importIn } from './importing.ts';
import * as store from './store.ts';
import type { TrustStore } from './trust-store.ts';

/** What two people agree on: an authority of our own country vouches for our cards from now on, or no longer. */
export interface NationalCsca {
  readonly act: 'pin' | 'remove';
  /** DER, base64. Everything below is read from it, for people. */
  readonly certificate: string;
  readonly sha256: string;
  readonly subject: string;
  readonly country: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** What the changes work with. */
export interface NationalCscaChangesParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append'>;
  readonly trustStore: Pick<TrustStore, 'list' | 'forget'>;
  /** Our own country as certificates write it, two letters. */
  readonly country?: string;
}

const MOST_BASE64 = 24_000;
/** Readable members may be handed in, as they are shown; what they say is read from the certificate and nowhere else. */
const schema = z.strictObject({
  act: z.enum(['pin', 'remove']),
  certificate: z.base64().min(4).max(MOST_BASE64),
  ...Object.fromEntries(
    ['sha256', 'subject', 'country', 'notBefore', 'notAfter'].map((name) => [name, z.unknown().optional()]),
  ),
});

/** The national CSCA changes by two people: `approvals` makes what they agreed on, in the transaction in which they do. */
export function createNationalCscaChanges(parts: NationalCscaChangesParts): ChangeSubject<NationalCsca> {
  const { clock, trustStore, country = 'VN' } = parts;
  const read = (act: NationalCsca['act'], der: Buffer): Certificate => {
    if (act === 'pin') return nationalFrom(der, country, clock.now());
    // What has ended, or should never have been pinned, must be removable.
    const certificate = parseCertificate(der);
    demand(certificate.country === country, 'csca.foreign', certificate.subject.text);
    return certificate;
  };
  return {
    kind: 'national-csca',
    view: 'trust.view',
    propose: 'trust.propose',
    approve: 'trust.approve',

    parse(input) {
      const given = schema.safeParse(input);
      if (!given.success) return { parsed: false, faults: given.error.issues.map(faultOf) };
      const { act, certificate } = given.data;
      try {
        const value = readable(act, read(act, Buffer.from(certificate, 'base64')));
        return { parsed: true, subject: value.sha256, value };
      } catch (error) {
        return { parsed: false, faults: [{ path: 'certificate', message: sentenceOf(error) }] };
      }
    },

    current: (on, sha256) => currentOf(on, sha256),

    async test(value, before) {
      if (value.act === 'remove')
        return before?.act === 'pin' ? remaining(await others(trustStore, value)) : [NOT_PINNED];
      const certificate = parseCertificate(derOf(value));
      try {
        read('pin', certificate.der);
        await demandWhole(certificate);
      } catch (error) {
        return [{ level: 'error', path: 'certificate', message: sentenceOf(error) }];
      }
      return [
        ...validityFindings(certificate, clock.now()),
        ...keyFindings(certificate),
        ...beside(await others(trustStore, value)),
      ];
    },

    risks: ({ act }, before) => [
      { code: act === 'pin' ? 'national_pinned' : 'national_removed', path: 'act' },
      ...(act === 'pin' && before?.act === 'remove' ? [{ code: 'national_brought_back', path: 'act' }] : []),
    ],

    async apply(transaction, { id, value, baseVersion, by }) {
      await store.waitForTurn(transaction);
      if ((await currentOf(transaction, value.sha256))?.version !== baseVersion) throw new BaseChanged();
      const work =
        value.act === 'pin' ? pinNational(derOf(value), country, { changeRequestId: id }) : remove(value.sha256);
      try {
        await importIn(transaction, { ...parts, actor: by, name: `change request ${id}` }, work);
      } catch (error) {
        asRefusal(error);
        // It was in order when it was proposed, and is not now: its time is over, as that of any other that has gone stale.
        throw new BaseChanged();
      }
    },

    applied: () => trustStore.forget(),

    async at(on, sha256, version) {
      const now = await currentOf(on, sha256);
      const act = ACTS.find((one) => version.startsWith(STANDS[one]));
      return now && act && { ...now.value, act };
    },

    ended: (value) => ({ ...value, act: 'remove' }),
  };
}

const ACTS = ['pin', 'remove'] as const;
/** How the version of a certificate begins after each act; the moment behind it tells two of them apart. */
const STANDS = { pin: 'pinned', remove: 'removed' } as const;

const derOf = ({ certificate }: NationalCsca): Buffer => Buffer.from(certificate, 'base64');

const readable = (act: NationalCsca['act'], certificate: Certificate): NationalCsca => ({
  act,
  certificate: certificate.der.toString('base64'),
  sha256: certificate.sha256,
  subject: certificate.subject.text,
  country: certificate.country,
  notBefore: certificate.notBefore.toISOString(),
  notAfter: certificate.notAfter.toISOString(),
});

/** Pinned, or removed by somebody; a certificate that is neither is no subject yet. */
async function currentOf(on: Queryable, sha256: string): Promise<{ value: NationalCsca; version: string } | undefined> {
  const state = await store.nationalState(on, sha256);
  if (!state) return undefined;
  const { der, pinnedAt, removedAt } = state;
  const certificate = parseCertificate(der);
  return removedAt
    ? { value: readable('remove', certificate), version: `${STANDS.remove} ${removedAt.toISOString()}` }
    : { value: readable('pin', certificate), version: `${STANDS.pin} ${pinnedAt!.toISOString()}` };
}

const faultOf = ({ path, message }: z.core.$ZodIssue) => ({ path: path.join('.'), message });

function sentenceOf(error: unknown): string {
  const { code, about } = asRefusal(error);
  return `${code}${about === undefined ? '' : ` (${about})`}. ${REFUSALS[code as RefusalCode].says}`;
}

const warning = (path: string, message: string): Finding => ({ level: 'warning', path, message });
const NOT_PINNED: Finding = { level: 'error', path: 'act', message: 'This certificate is not pinned.' };
const YEAR = 365 * 86_400_000;

function validityFindings({ notBefore, notAfter }: Certificate, now: Date): Finding[] {
  return [
    ...(notBefore > now ? [warning('notBefore', 'It is not valid yet.')] : []),
    ...(notAfter.getTime() - now.getTime() < YEAR ? [warning('notAfter', 'It ends within a year.')] : []),
  ];
}

/** 9303-12 §4.4.1 wants of an authority RSA of 3072 bits or a curve of 256. */
function keyFindings(certificate: Certificate): Finding[] {
  const { kind, bits, curve } = certificate.publicKey;
  const small = bits < (kind === 'RSA' ? 3072 : 256);
  const own = certificate.issuer.key === certificate.subject.key;
  return [
    ...(small ? [warning('certificate', `Its key is small for an authority: ${curve ?? kind} of ${bits} bits.`)] : []),
    ...(own ? [] : [warning('certificate', `It was signed by another, not by itself: ${certificate.issuer.text}.`)]),
    ...(own && isWeaklySigned(certificate)
      ? [warning('certificate', 'Its own signature is too weak to tell whether it was damaged or changed.')]
      : []),
  ];
}

function isWeaklySigned(certificate: Certificate): boolean {
  try {
    certificate.signatureAlgorithm();
    return false;
  } catch (error) {
    return asRefusal(error).code.startsWith('algorithm.');
  }
}

/** The other authorities that are pinned as our own now. */
const others = async (trustStore: Pick<TrustStore, 'list'>, { sha256 }: NationalCsca): Promise<string[]> =>
  (await trustStore.list()).certificates
    .filter((one) => one.national && one.sha256 !== sha256)
    .map((one) => `${one.subject} (${one.sha256.slice(0, 12)})`);

const beside = (pinned: readonly string[]): Finding[] =>
  pinned.map((name) => warning('act', `Another stays pinned beside it: ${name}.`));

const remaining = (pinned: readonly string[]): Finding[] =>
  pinned.length > 0 ? [] : [warning('act', 'None stays pinned: no identity card of ours is believed any more.')];
