import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { chipEvidence } from '../../src/domain/proofing/chip-evidence.ts';
import { statusAnswer } from '../../src/domain/proofing/document-authority/authority.ts';
import { CLIENT_EXAMPLES } from '../../src/domain/proofing/reader-session/examples.ts';
import { clientFrame } from '../../src/domain/proofing/reader-session/frames.ts';
import { EidError } from '../../src/platform/errors.ts';
import type { Cipher } from '../../src/standards/icao9303/access/ciphers.ts';
import {
  createCardMessaging,
  createMessaging,
  type MessagingState,
} from '../../src/standards/icao9303/access/messaging.ts';
import { decodeCommand } from '../../src/standards/icao9303/apdu/command.ts';
import { decodeResponse } from '../../src/standards/icao9303/apdu/response.ts';
import { read, readAll, readFirst } from '../../src/standards/icao9303/asn1/read.ts';
import {
  activePublicKey,
  verifyActiveAuthentication,
} from '../../src/standards/icao9303/chip/active-authentication.ts';
import { verifyChipAuthentication } from '../../src/standards/icao9303/chip/chip-authentication.ts';
import { parseSecurityInfos } from '../../src/standards/icao9303/chip/security-infos.ts';
import {
  parseCardQr,
  parseCom,
  parseDg1,
  parseDg2,
  parseDg13,
  parseMrz,
  readPortrait,
} from '../../src/standards/icao9303/lds/index.ts';
import { parsePublicKey } from '../../src/standards/icao9303/pki/algorithms/public-key.ts';
import { parseCertificate } from '../../src/standards/icao9303/pki/certificate.ts';
import { parseMasterList } from '../../src/standards/icao9303/pki/master-list.ts';
import { parseRevocationList } from '../../src/standards/icao9303/pki/revocation-list.ts';
import { parseSecurityObject } from '../../src/standards/icao9303/pki/security-object.ts';
import { Refused } from '../../src/standards/icao9303/refusal.ts';
import { cardVectors } from '../support/card-vectors-folder.ts';
import { evidenceOf, issuedCard, sandboxAuthority, virtualCard } from '../support/virtual-card.ts';

/** One parser of bytes from outside. */
export interface FuzzTarget {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  /** Answers something, or refuses. */
  parse(bytes: Buffer): unknown;
  /** How many of all cases it gets, beside the others: little where each is a signature. */
  readonly weight: number;
}

/** What a parser may throw. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Refused || (error instanceof EidError && error.code === 'document_authority.unavailable');

const NOW = new Date('2026-06-01T12:00:00Z');
const CHALLENGE = Buffer.from('0102030405060708', 'hex');

const files = (folder: string, name: RegExp): Buffer[] =>
  cardVectors
    ? readdirSync(`${cardVectors}/${folder}`)
        .filter((file) => name.test(file))
        .map((file) => readFileSync(`${cardVectors}/${folder}/${file}`))
    : [];

/** Every parser, with honest bytes of the sandbox's cards and, beside the project, of real documents. */
export async function fuzzTargets(): Promise<readonly FuzzTarget[]> {
  const issued = ['level-2-chip.genuine', 'child.genuine', 'no-phone.genuine'].map((id) => issuedCard(id)!);
  const of = (file: keyof (typeof issued)[number]['files']): Buffer[] =>
    issued.flatMap((card) => card.files[file] ?? []);
  const authority = sandboxAuthority();
  const certificates = (['national', 'foreign', 'unknown'] as const).map((name) => authority.certificate(name));
  const keys = certificates.map((der) => parseCertificate(der).publicKey.spki);
  const evidence = await evidenceOf(virtualCard(), { challenge: CHALLENGE });
  const from = (text = ''): Buffer => Buffer.from(text, 'base64url');
  const [dg14, dg15] = [from(evidence.files.DG14), from(evidence.files.DG15)];
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const parsed = (bytes: Buffer): unknown => {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      return undefined;
    }
  };
  const text = (bytes: Buffer): string => bytes.toString('utf8');
  const sods = [...of('SOD'), ...files('sod', /SOD\.bin$/), ...files('bsi', /sod/i)];
  const fast = (name: string, seeds: readonly Buffer[], parse: FuzzTarget['parse'], weight = 10): FuzzTarget => ({
    ...{ name, seeds, parse, weight },
  });
  return [
    fast('asn1, BER', [...sods, ...certificates], (bytes) => read(bytes, { encoding: 'ber' })),
    fast('asn1, DER', [...sods, ...certificates], (bytes) => read(bytes, { encoding: 'der' })),
    fast('asn1, series', [...of('COM'), ...of('DG13')], (bytes) => [
      readAll(bytes, { encoding: 'ber' }),
      readFirst(bytes, { encoding: 'ber' }),
    ]),
    fast('security object, DER', sods, (bytes) =>
      parseSecurityObject(bytes, { encoding: 'der', earlyContentType: false }),
    ),
    fast('security object, BER', sods, (bytes) =>
      parseSecurityObject(bytes, { encoding: 'ber', earlyContentType: true }),
    ),
    fast('certificate', [...certificates, authority.signer('national').certificate], parseCertificate),
    fast('public key', keys, (bytes) => parsePublicKey(bytes)),
    fast('public key, made', keys, (bytes) => parsePublicKey(bytes).object(), 1),
    fast(
      'revocation list',
      [authority.revocationList('national', NOW), authority.revocationList('foreign', NOW)],
      parseRevocationList,
    ),
    fast('master list', [authority.masterList(NOW)], parseMasterList),
    fast(
      'machine readable zone',
      issued.map(({ mrz }) => Buffer.from(mrz)),
      (bytes) => parseMrz(text(bytes), NOW),
    ),
    fast('DG1', of('DG1'), (bytes) => parseDg1(bytes, NOW)),
    fast(
      'DG2',
      [...of('DG2'), ...files('dg2', /\.(dat|bin)$/)].filter(({ length }) => length < 40_000),
      (bytes) => parseDg2(bytes),
      4,
    ),
    fast(
      'portrait',
      of('DG2').map((file) => parseDg2(file).images[0]!.bytes),
      (bytes) => readPortrait(bytes),
      6,
    ),
    fast('DG13', of('DG13'), (bytes) => parseDg13(bytes)),
    fast('EF.COM', of('COM'), (bytes) => parseCom(bytes)),
    fast(
      'printed code',
      [Buffer.from('097190000002|123456789|NGUYỄN THỊ LAN ANH|17051990|Nữ|Số 9, ngõ Hoa Sen|12082024')],
      (bytes) => parseCardQr(text(bytes)),
    ),
    fast('security infos', [...of('DG14'), ...of('CardAccess')], (bytes) => parseSecurityInfos(bytes)),
    fast('DG15', of('DG15'), (bytes) => activePublicKey(bytes)),
    fast('answer of a chip', [Buffer.from('9000', 'hex'), Buffer.concat([dg15, Buffer.from('9000', 'hex')])], (bytes) =>
      decodeResponse(bytes),
    ),
    fast(
      'command to a chip',
      [Buffer.from('00a4040c07a0000002471001', 'hex'), Buffer.from('00b08e0000', 'hex')],
      (bytes) => decodeCommand(bytes),
    ),
    ...(['3DES', 'AES-128', 'AES-192', 'AES-256'] as const).flatMap(messagingTargets),
    fast(
      'frame of a reader',
      Object.values(CLIENT_EXAMPLES).map(json),
      (bytes) => clientFrame.safeParse(parsed(bytes)),
      4,
    ),
    fast(
      'evidence',
      [json({ ...evidence, files: { SOD: evidence.files.DG1 } })],
      (bytes) => chipEvidence.safeParse(parsed(bytes)),
      2,
    ),
    fast(
      'answer of the authority',
      [json({ status: 'valid', asOf: NOW.toISOString() })],
      (bytes) => statusAnswer(parsed(bytes), NOW),
      4,
    ),
    fast(
      'active authentication',
      [from(evidence.active?.response)],
      (response) => verifyActiveAuthentication({ dg15, dg14, challenge: CHALLENGE, response }),
      1,
    ),
    fast(
      'chip authentication',
      [from(evidence.chip?.response)],
      (response) => verifyChipAuthentication({ dg14, ephemeral: from(evidence.chip?.ephemeral), response }),
      1,
    ),
  ];
}

/** Both ends of a channel, each with what the other one sends first. */
function messagingTargets(cipher: Cipher): FuzzTarget[] {
  const size = { '3DES': 16, 'AES-128': 16, 'AES-192': 24, 'AES-256': 32 }[cipher];
  const counter = Buffer.alloc(cipher === '3DES' ? 8 : 16);
  const [encryption, mac] = [Buffer.alloc(size, 3), Buffer.alloc(size, 5)];
  const state = (): MessagingState => ({ cipher, encryption, mac, counter: Buffer.from(counter) });
  const command = Buffer.from('00b08e0000', 'hex');
  const sent = createMessaging(state()).protect(command);
  const card = createCardMessaging(state());
  card.open(sent);
  const answered = card.seal(Buffer.concat([randomBytes(40), Buffer.from('9000', 'hex')]));
  return [
    {
      ...{ name: `protected answer, ${cipher}`, seeds: [answered], weight: 2 },
      parse: (bytes) => {
        const messaging = createMessaging(state());
        messaging.protect(command);
        return messaging.unprotect(bytes);
      },
    },
    {
      ...{ name: `protected command, ${cipher}`, seeds: [sent], weight: 2 },
      parse: (bytes) => createCardMessaging(state()).open(bytes),
    },
  ];
}
