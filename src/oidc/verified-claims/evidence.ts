import type { Evidence, EvidenceKind, Proofing } from '../../domain/proofing/index.ts';
import type { Names } from './names.ts';

/** A handle of something of a person's, for one sector alone. */
export type Handle = (of: string) => string;

/** Evidence in the form of an answer, with what its checks assure. */
export interface Shown {
  readonly evidence: readonly object[];
  readonly details: readonly object[];
}

interface Check {
  readonly type: 'chip' | 'biometric' | 'register' | 'guardian';
  readonly classification: string;
  /** `check_method`: in presence, and over the network where that is another. */
  readonly method: string;
  readonly remote?: string;
}

/** What each recorded check is on the wire (identity-assurance.md §2.4 and §5). What has no row is not told. */
const CHECKS: Readonly<Record<string, Check>> = {
  passive_authentication: { type: 'chip', classification: 'passive-authentication', method: 'vcrypt' },
  // The issuer found it among those it has made: a record, and no chain that anybody checked here.
  issuer_vouched: { type: 'chip', classification: 'issuer-vouched', method: 'data' },
  active_authentication: { type: 'chip', classification: 'active-authentication', method: 'vcrypt' },
  chip_authentication: { type: 'chip', classification: 'chip-authentication', method: 'vcrypt' },
  register_match: { type: 'register', classification: 'register-match', method: 'data' },
  // Somebody with eyes compared, or an engine did.
  portrait_match: { type: 'biometric', classification: 'face', method: 'pvp', remote: 'pvr' },
  face_match: { type: 'biometric', classification: 'face', method: 'bvp', remote: 'bvr' },
  fingerprint_match: { type: 'biometric', classification: 'fingerprint', method: 'bvp' },
  // The register knows the guardian as one.
  guardian: { type: 'guardian', classification: 'guardianship', method: 'data' },
};

type Drawn = { readonly type: 'document' | 'electronic_record' | 'vouch' } & Readonly<Record<string, unknown>>;

const document = (type: string): Drawn => ({ type: 'document', document_details: { type } });
/** `voucher` is a third person: of them their part alone is told (identity-assurance.md §5). */
const VOUCH: Drawn = {
  type: 'vouch',
  attestation: { type: 'digital_attestation', voucher: { occupation: 'legal guardian' } },
};

const KINDS: Readonly<Record<EvidenceKind, Drawn>> = {
  chip_card: document('idcard'),
  printed_card: document('idcard'),
  passport: document('passport'),
  residence_card: document('vn_residence_card'),
  // The one that numbers the people of this country: whoever has an account here is in it.
  register_entry: {
    type: 'electronic_record',
    record: { type: 'population_register', source: { country_code: 'VNM' } },
  },
  vouching: VOUCH,
};

/**
 * A document says its last day, where the record kept it: what asks for one in force (`max_age: 0`) is met. A passport names the state
 * that issued it besides, as its zone does: three letters, for Germany those of ISO 3166-1.
 */
function drawnOf({ kind, issuedBy, expiresOn }: Evidence): Drawn {
  const drawn = KINDS[kind];
  if (drawn.type !== 'document') return drawn;
  return {
    ...drawn,
    document_details: {
      ...(drawn.document_details as object),
      ...(expiresOn === undefined ? {} : { date_of_expiry: expiresOn }),
      ...(issuedBy === undefined ? {} : { issuer: { country_code: issuedBy === 'D' ? 'DEU' : issuedBy } }),
    },
  };
}

/** A check by its name, and which piece the record has it under: its handle is made of that, wherever it is told. */
interface Passed {
  readonly name: string;
  readonly under: number;
  /** ISO 8601, where it was kept. */
  readonly at?: string;
}

/** A piece of evidence, and the checks that it passed. */
interface Piece {
  readonly drawn: Drawn;
  readonly checks: readonly Passed[];
}

/** Every piece of evidence with a check that we can name; a guardian's word is a piece of its own. */
function piecesOf(proofing: Proofing): Piece[] {
  const pieces = proofing.evidence.flatMap((evidence) => {
    const { kind, checks, times = {} } = evidence;
    const known = checks.filter((check) => Object.hasOwn(CHECKS, check));
    const vouched = kind !== 'vouching' && known.includes('guardian');
    const rest = vouched ? known.filter((check) => check !== 'guardian') : known;
    return [
      ...(rest.length > 0 ? [{ drawn: drawnOf(evidence), checks: rest, times }] : []),
      ...(vouched ? [{ drawn: VOUCH, checks: ['guardian'], times }] : []),
    ];
  });
  const numbered = pieces.map(({ drawn, checks, times }, under) => ({
    drawn,
    checks: checks.map((name) => ({ name, under, ...(Object.hasOwn(times, name) ? { at: times[name]! } : {}) })),
  }));
  return withBiometrics(numbered, proofing);
}

/**
 * Face and fingerprints of a counter stand with the document that the person showed (identity-assurance.md §5), whatever the record
 * has them under: until 2026-12 a counter filed them under the register's entry, and other records have them beside all evidence. A
 * face counts as compared by the officer, who is the one that the record names, unless a check says who else did.
 */
function withBiometrics(pieces: Piece[], { channel, faceMatched, fingerprintsMatched }: Proofing): Piece[] {
  if (channel !== 'in_person') return pieces;
  const shown = Math.max(
    0,
    pieces.findIndex(({ drawn }) => drawn.type === 'document'),
  );
  const found = pieces.flatMap(({ checks }) => checks.filter(isBiometric));
  const has = (...names: readonly string[]): boolean => found.some(({ name }) => names.includes(name));
  const beside = [
    ...(faceMatched && !has('portrait_match', 'face_match') ? ['portrait_match'] : []),
    ...(fingerprintsMatched && !has('fingerprint_match') ? ['fingerprint_match'] : []),
  ].map((name) => ({ name, under: shown }));
  return pieces.flatMap(({ drawn, checks }, at) => {
    const rest = checks.filter((check) => !isBiometric(check));
    const all = at === shown ? [...rest, ...found, ...beside] : rest;
    return all.length > 0 ? [{ drawn, checks: all }] : [];
  });
}

const isBiometric = ({ name }: Passed): boolean => CHECKS[name]!.type === 'biometric';

/** The recorded evidence on the wire; every check has a name of its own, by which it is found again in an audit. */
export function shownEvidence(proofing: Proofing, names: Names, handle: Handle): Shown {
  const pieces = piecesOf(proofing).map(({ drawn, checks }) => ({
    drawn,
    checks: checks.map(({ name, under, at }) => ({
      ...CHECKS[name]!,
      check_id: handle(`check ${proofing.id} ${under} ${name}`),
      ...(at === undefined ? {} : { time: withoutFraction(at) }),
    })),
  }));
  const methodOf = ({ method, remote = method }: Check) => (proofing.channel === 'remote' ? remote : method);
  return {
    evidence: pieces.map(({ drawn: { type, ...details }, checks }) => ({
      type,
      check_details: checks.map(({ check_id, time, ...check }) => ({
        ...{ check_method: methodOf(check), check_id },
        ...(time === undefined ? {} : { time }),
      })),
      ...details,
    })),
    details: pieces.flatMap(({ checks }) =>
      checks.map(({ type, classification, check_id }) => ({
        assurance_type: names.assurance(type),
        assurance_classification: classification,
        evidence_ref: [{ check_id }],
      })),
    ),
  };
}

/** In UTC: a zone tells where somebody was (Identity Assurance 1.0 §9). */
const withoutFraction = (at: string): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Every check that a record tells of. */
export const checksOf = (proofing: Proofing): ReadonlySet<string> =>
  new Set(piecesOf(proofing).flatMap(({ checks }) => checks.map(({ name }) => name)));
