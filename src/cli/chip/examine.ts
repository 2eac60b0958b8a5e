import { hash } from 'node:crypto';
import { verifyActiveAuthentication } from '../../standards/icao9303/chip/active-authentication.ts';
import { parseDg1 } from '../../standards/icao9303/lds/index.ts';
import { type DocumentProfile, passiveAuthentication } from '../../standards/icao9303/passive-authentication.ts';
import { verifyCardSecurity } from '../../standards/icao9303/pki/card-security.ts';
import { asRefusal, demand, REFUSALS, type Refusal } from '../../standards/icao9303/refusal.ts';
import { algorithmIn } from './algorithm-names.ts';
import { documentOf, holderOf } from './document.ts';
import type { Dump } from './dump.ts';
import type { ChipReport, Step } from './report.ts';
import { securityObjectFacts } from './security-object.ts';
import type { Trust } from './trust.ts';

/** A challenge of eight octets, and the raw answer. */
export interface Answer {
  readonly challenge: Buffer;
  readonly response: Buffer;
}

export interface ExamineInput {
  readonly dump: Dump;
  readonly trust: Trust;
  readonly profile: DocumentProfile;
  readonly now: Date;
  /** What the chip answered to a challenge, as the reader recorded both. */
  readonly active?: Answer;
  readonly showHolder: boolean;
}

const PASSIVE = ['security object', 'data groups', 'document signer', 'signature', 'country authority', 'revocation'];

/** Examines a dumped card; every outcome is a report. */
export async function examine(input: ExamineInput): Promise<ChipReport> {
  const { dump, trust, profile, now, active, showHolder } = input;
  const planned = [
    ...PASSIVE,
    ...(dump.has('DG1') ? ['machine readable zone'] : []),
    ...(dump.has('CardSecurity') ? ['card security'] : []),
    ...(active ? ['active authentication'] : []),
  ];
  const passed: { step: string; about?: string }[] = [];
  const found: { passive?: Awaited<ReturnType<typeof passiveAuthentication>>; algorithm?: string } = {};
  let refusal: Refusal | undefined;
  try {
    found.passive = await passive(input, (step) => passed.push(step));
    const dg1 = dump.get('DG1');
    if (dg1) passed.push({ step: 'machine readable zone', about: parseDg1(dg1, now).format });
    const security = dump.get('CardSecurity');
    if (security) {
      await verifyCardSecurity(security, { trust: trust.anchors, profile, now });
      passed.push({ step: 'card security' });
    }
    if (active) {
      found.algorithm = await chipProof(input, active);
      passed.push({ step: 'active authentication', about: found.algorithm });
    }
  } catch (error) {
    refusal = asRefusal(error);
  }
  const facts = securityObjectFacts(input);
  const document = documentOf(dump, now);
  const holder = showHolder ? holderOf(dump, now) : undefined;
  return {
    verdict: refusal ? (isUnreadable(refusal, passed.length) ? 'unreadable' : 'refused') : 'genuine',
    at: now.toISOString(),
    profile: profile.name,
    files: [...dump].map(([file, bytes]) => ({ file, bytes: bytes.length, sha256: hash('sha256', bytes, 'hex') })),
    ...(document ? { document } : {}),
    ...(holder ? { holder } : {}),
    ...facts,
    ...(found.passive ? passiveFacts(found.passive) : {}),
    steps: planned.map((step, index) => stepOf(step, { index, passed, refusal })),
    ...(refusal ? { refusal: explained(refusal) } : {}),
    chip: found.algorithm
      ? { proven: true, by: 'active authentication', algorithm: found.algorithm }
      : { proven: false },
    trust: { certificates: trust.certificates, masterLists: trust.masterLists, revocationLists: trust.revocationLists },
    notes: [...trust.notes, ...notesOn(input, facts !== undefined)],
  };
}

const passive = (
  { dump, trust, profile, now }: ExamineInput,
  trace: (step: { step: string; about?: string }) => void,
) =>
  passiveAuthentication({
    sod: dump.get('SOD')!,
    dataGroups: new Map(
      [...dump].flatMap(([file, bytes]) => (file.startsWith('DG') ? [[Number(file.slice(2)), bytes] as const] : [])),
    ),
    trust: trust.anchors,
    profile,
    now,
    trace,
  });

async function chipProof({ dump, profile }: ExamineInput, { challenge, response }: Answer): Promise<string> {
  const [dg14, dg15] = [dump.get('DG14'), dump.get('DG15')];
  demand(dg15, 'input.missing', 'DG15, with the public key of the chip');
  const evidence = { dg15, ...(dg14 ? { dg14 } : {}), challenge, response };
  return (await verifyActiveAuthentication({ ...evidence, ...(profile.national ? {} : OLDER_CHIPS) })).algorithm;
}

/** Documents of ten years ago: their keys are small and SHA-1 is what they have, over a challenge that nobody chose. */
const OLDER_CHIPS = { allowSha1: true, leastRsaBits: 1024 } as const;

function explained(refusal: Refusal): NonNullable<ChipReport['refusal']> {
  const algorithm = algorithmIn(refusal.about);
  return { ...refusal, ...REFUSALS[refusal.code], ...(algorithm ? { algorithm } : {}) };
}

/** The security object is not ASN.1 at all, or a file that the check stands on is not there: nothing was decided. */
const isUnreadable = ({ code }: Refusal, passed: number): boolean =>
  code === 'input.missing' ||
  (passed === 0 &&
    ['asn1.malformed', 'asn1.trailing', 'asn1.too_deep', 'asn1.too_many', 'input.too_large'].includes(code));

function stepOf(
  step: string,
  by: { index: number; passed: readonly { about?: string }[]; refusal: Refusal | undefined },
): Step {
  const { index, passed, refusal } = by;
  if (index < passed.length) return { step, outcome: 'passed', ...passed[index] };
  if (index > passed.length || !refusal) return { step, outcome: 'not reached' };
  return {
    step,
    outcome: 'failed',
    about: refusal.about === undefined ? refusal.code : `${refusal.code}: ${refusal.about}`,
  };
}

function passiveFacts({ authority, revocation }: Awaited<ReturnType<typeof passiveAuthentication>>) {
  const { subject, serial, sha256, notBefore, notAfter, national } = authority;
  const { status, number, nextUpdate } = revocation;
  return {
    authority: {
      ...{ subject, serial, sha256, national },
      ...{ notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() },
    },
    revocation: {
      status,
      ...(number === undefined ? {} : { number }),
      ...(nextUpdate ? { nextUpdate: nextUpdate.toISOString() } : {}),
    },
  };
}

function* notesOn({ dump, active }: ExamineInput, readable: boolean): Generator<string> {
  if (!readable) return;
  const groups = [...dump.keys()].filter((file) => file.startsWith('DG'));
  if (groups.length === 0) yield 'No data group was given: only the security object was examined.';
  else if (!dump.has('DG1')) yield 'DG1 was not given: the issuing state was not compared with the authority.';
  if (dump.has('COM')) yield 'EF.COM is signed by nobody: it was not used.';
  if (!active && dump.has('DG15'))
    yield 'The chip can prove itself by active authentication; no answer of it was given.';
  if (dump.has('CardAccess')) yield 'EF.CardAccess is signed by nobody: it was not used.';
}
