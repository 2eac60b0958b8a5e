import { columns, type Terminal } from '../terminal.ts';
import type { ChipReport } from './report.ts';

/** A report for people: the verdict first, what it stands on after it. */
export function linesOf(report: ChipReport, terminal: Terminal): string[] {
  const { verdict, refusal, steps, notes } = report;
  const head = HEADS[verdict];
  return [
    verdict === 'genuine' ? terminal.ok(`✓ ${head}; ${chipWords(report)}`) : terminal.bad(`✗ ${head}`),
    ...(refusal ? [`  ${refusal.says}`, ...columnsOf(refusalRows(report))] : []),
    ...section('Document', documentRows(report)),
    ...section('Security object', securityObjectRows(report)),
    ...section('Signer', certificateRows(report.signer)),
    ...section('Authority', certificateRows(report.authority)),
    ...section('Trust', trustRows(report)),
    ...section(
      'Steps',
      steps.map(({ step, outcome, about = '' }) => [`${MARKS[outcome]} ${step}`, outcome, about]),
    ),
    ...section('Files', fileRows(report)),
    ...section('Holder', holderRows(report)),
    ...section(
      'Notes',
      notes.map((note) => [note]),
    ),
  ];
}

const HEADS = {
  genuine: 'Data genuine',
  refused: 'Refused',
  unreadable: 'Unreadable: nothing was decided',
} as const satisfies Record<ChipReport['verdict'], string>;
const MARKS = { passed: '✓', failed: '✗', 'not reached': '·' } as const;

const chipWords = ({ chip }: ChipReport): string =>
  chip.proven ? `chip proven by ${chip.by} (${chip.algorithm})` : 'chip not proven: a copy would look the same';

const refusalRows = ({ refusal, steps }: ChipReport): string[][] => [
  ['reason', refusal?.code ?? ''],
  ['clause', refusal?.clause ?? ''],
  ['step', steps.find(({ outcome }) => outcome === 'failed')?.step ?? ''],
  ...(refusal?.about ? [['about', refusal.about]] : []),
  ...(refusal?.algorithm ? [['algorithm', refusal.algorithm]] : []),
];

function documentRows({ document, profile, at }: ChipReport): string[][] {
  const examined = [['examined', `${at}, profile ${profile}`]];
  if (!document) return examined;
  const { code, issuingState, format, expired } = document;
  return [
    ['kind', `${code} of ${issuingState}${format ? ` (${format})` : ''}`],
    ...(expired === undefined ? [] : [['expired', expired ? 'yes' : 'no']]),
    ...examined,
  ];
}

function securityObjectRows({ securityObject }: ChipReport): string[][] {
  if (!securityObject) return [];
  const { ldsVersion = 'not said (version 0)', hashAlgorithm, signatureAlgorithm, signedAt } = securityObject;
  return [
    ['LDS version', ldsVersion],
    ['hash', hashAlgorithm],
    ['signature', signatureAlgorithm],
    ...(signedAt ? [['signed at', `${signedAt} (as the signer says)`]] : []),
  ];
}

function trustRows({ trust, revocation }: ChipReport): string[][] {
  const { certificates, revocationLists, masterLists } = trust;
  return [
    ['trusted', `${certificates} certificates, ${revocationLists} revocation lists`],
    ...masterLists.map(({ signer, signedAt }) => ['master list', `${signedAt}, ${signer}`]),
    ...(revocation ? [['revocation', revocationWords(revocation)]] : []),
  ];
}

function revocationWords({ status, number, nextUpdate }: NonNullable<ChipReport['revocation']>): string {
  if (status === 'unknown') return 'unknown: no list of this authority was given';
  return `not revoked: list ${number}, ${status}, next due ${nextUpdate}`;
}

function certificateRows(certificate: ChipReport['signer'] | ChipReport['authority']): string[][] {
  if (!certificate) return [];
  const { subject, serial, sha256, notBefore, notAfter, ...more } = certificate;
  return [
    ['subject', subject],
    ...('issuer' in more ? [['issuer', more.issuer]] : []),
    ['serial', serial],
    ['SHA-256', sha256],
    ['valid', `${notBefore} to ${notAfter}`],
    ...('key' in more
      ? [
          ['key', more.key],
          ['signed with', more.signedWith ?? 'an algorithm that proves nothing'],
        ]
      : []),
    ...('authorityKeyId' in more && more.authorityKeyId ? [['authority key', more.authorityKeyId]] : []),
    ...('documentTypes' in more && more.documentTypes ? [['signs', more.documentTypes.join(' ')]] : []),
    ...('candidates' in more ? [['issuers known', String(more.candidates)]] : []),
    ...('national' in more ? [['pinned', more.national ? 'yes, as national' : 'no']] : []),
  ];
}

function fileRows({ files, dataGroups = [] }: ChipReport): string[][] {
  const results = new Map<string, string>(dataGroups.map(({ group, result }) => [`DG${group}`, result]));
  const rows = files.map(({ file, bytes, sha256 }) => [file, `${bytes} B`, results.get(file) ?? '', sha256]);
  const absent = dataGroups.filter(({ result }) => result === 'not given').map(({ group }) => `DG${group}`);
  return [...rows, ...(absent.length > 0 ? [[absent.join(' '), '', 'not given']] : [])];
}

const holderRows = ({ holder }: ChipReport): string[][] =>
  Object.entries({ ...holder?.mrz, ...holder?.national }).map(([name, value]) => [name, String(value)]);

const section = (title: string, rows: readonly string[][]): string[] =>
  rows.length === 0 ? [] : ['', title, ...columnsOf(rows)];

/** Names in certificates are anybody's text: nothing in them steers a terminal. */
const plain = (text: string): string => text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '?');

/** Columns, the last as long as it is. */
function columnsOf(rows: readonly string[][]): string[] {
  const width = Math.max(...rows.map((row) => row.length));
  return columns(rows.map((row) => Array.from({ length: width }, (_, column) => plain(row[column] ?? '')))).map(
    (line) => `  ${line}`,
  );
}
