/**
 * Why a card, a file of it or a certificate is refused: a closed list. The part before the dot is all that a reader is
 * told; the whole code stands in the verdict, the journal and the examiner's report. Clauses are of ICAO Doc 9303
 * (eighth edition) unless they name another document.
 */
export const REFUSALS = {
  'input.too_large': { clause: '9303-10 §3.6', says: 'The file is larger than any honest one of its kind.' },
  'input.missing': { clause: '9303-10 §4.6', says: 'A file that this check stands on was not read.' },
  'asn1.malformed': {
    clause: 'X.690 §8',
    says: 'The bytes are not ASN.1: a length runs over the end, or a tag is broken.',
  },
  'asn1.trailing': { clause: 'X.690 §8', says: 'Bytes follow after the end of the structure.' },
  'asn1.too_deep': { clause: 'X.690 §8.1', says: 'The structure is nested deeper than any honest one.' },
  'asn1.too_many': { clause: 'X.690 §8.1', says: 'The structure has more parts than any honest one.' },
  'asn1.not_der': { clause: 'X.690 §10, §11', says: 'The profile wants DER, and this is another encoding.' },
  'asn1.unexpected': { clause: '9303-10 §4.6', says: 'A part is not of the type that its standard says.' },

  'mrz.malformed': { clause: '9303-3 §4.9', says: 'The machine readable zone has another length or other characters.' },
  'mrz.check_digit': { clause: '9303-3 §4.9', says: 'A check digit of the machine readable zone is wrong.' },
  'mrz.date': { clause: '9303-3 §4.7', says: 'A date of the machine readable zone is no day.' },
  'mrz.mismatch': { clause: '9303-10 §4.7.1', says: 'What was typed or scanned is not what the chip holds.' },

  'sod.content_type': {
    clause: '9303-10 §4.6.2.2',
    says: 'The signed content is not a security object of a travel document.',
  },
  'sod.version': {
    clause: '9303-10 §4.6.2, RFC 5652 §5.1',
    says: 'A version of the security object is not one that the standard has.',
  },
  'sod.signers': { clause: '9303-10 §4.6.2', says: 'The security object has not exactly one signer.' },
  'sod.attributes': { clause: 'RFC 5652 §11', says: 'A signed attribute is missing, doubled, or of another value.' },
  'sod.digest': { clause: 'RFC 5652 §11.2', says: 'The signed digest is not that of the content.' },
  'sod.signer_missing': {
    clause: '9303-12 §7.1.1',
    says: 'The certificate of the signer is not in the security object.',
  },
  'sod.signature': { clause: 'RFC 5652 §5.6', says: 'The signature of the security object is wrong.' },
  'sod.data_groups': {
    clause: '9303-10 §4.6.2.3',
    says: 'The list of data-group hashes is broken: a number doubled or unknown, a hash of another length.',
  },

  'algorithm.weak': { clause: '9303-12 §4.4', says: 'The algorithm or key is too weak to prove anything.' },
  'algorithm.unknown': {
    clause: '9303-12 §4.4',
    says: 'The algorithm is not one that travel documents use, or its parameters are not.',
  },
  'algorithm.curve': { clause: '9303-12 §4.4.1', says: 'The elliptic curve is not a named one of the allow-list.' },

  'certificate.malformed': { clause: 'RFC 5280 §4', says: 'A certificate cannot be read.' },
  'certificate.extension': {
    clause: 'RFC 5280 §4.2',
    says: 'A certificate has a critical extension that nobody here understands.',
  },
  'dsc.is_ca': {
    clause: '9303-12 §7.1.1',
    says: 'The document signer certificate says that it is a certification authority.',
  },
  'dsc.key_usage': { clause: '9303-12 §7.1.1', says: 'The document signer certificate may not sign documents.' },
  'dsc.validity': { clause: '9303-12 §7.1', says: 'The document signer certificate is not valid at this moment.' },
  'dsc.country': {
    clause: '9303-12 §7.1.1',
    says: 'The document signer is of another country than its issuer or its document.',
  },
  'dsc.document_type': { clause: '9303-12 §7.1.1.6', says: 'The document signer may not sign documents of this type.' },
  'dsc.revoked': { clause: '9303-12 §7.1.4', says: 'The document signer certificate has been revoked.' },
  'dsc.signature': {
    clause: 'RFC 5280 §6.1.3',
    says: 'The document signer certificate was not signed by the authority that it names.',
  },
  'csca.unknown': {
    clause: '9303-12 §5',
    says: 'Nobody here trusts the country authority that issued the document signer.',
  },
  'csca.foreign': { clause: '9303-12 §7.1.1', says: 'An authority of another country vouches for this document.' },
  'csca.validity': {
    clause: '9303-12 §7.1',
    says: 'The country authority certificate is not valid at this moment, or its key may no longer sign.',
  },
  'csca.constraints': {
    clause: '9303-12 §7.1.1',
    says: 'The country authority certificate may not issue certificates.',
  },
  'crl.missing': {
    clause: '9303-12 §7.1.4',
    says: 'No revocation list of this authority is known, and the policy wants one.',
  },
  'crl.stale': { clause: '9303-12 §7.1.4', says: 'The revocation list is older than the policy allows.' },
  'crl.signature': {
    clause: 'RFC 5280 §6.3.3',
    says: 'The revocation list was not signed by the authority that it names.',
  },
  'crl.rollback': {
    clause: 'RFC 5280 §5.2.3',
    says: 'The revocation list is older than the one that is known already.',
  },
  'crl.malformed': { clause: 'RFC 5280 §5', says: 'The revocation list cannot be read.' },
  'masterlist.signer': { clause: '9303-12 §8', says: 'The master list was not signed under the pinned root.' },
  'masterlist.usage': { clause: '9303-12 §8, Table 13', says: 'The signer of the list may not sign master lists.' },
  'masterlist.rollback': { clause: '9303-12 §8', says: 'The master list is older than the one that is known already.' },
  'masterlist.malformed': { clause: '9303-12 §8', says: 'The master list cannot be read.' },

  'dg.unsigned': { clause: '9303-11 §5.1', says: 'A data group was read that the security object does not cover.' },
  'dg.hash': { clause: '9303-11 §5.1', says: 'A data group is not the one that was signed.' },
  'dg.malformed': { clause: '9303-10 §4.7', says: 'A data group cannot be read.' },
  'dg.missing': { clause: '9303-10 §4.6', says: 'A data group that the service stands on is missing.' },
  'image.malformed': {
    clause: '9303-10 §4.7.2',
    says: 'The portrait is not a picture of a known kind, or it is cut short.',
  },
  'image.too_large': { clause: '9303-10 §4.7.2', says: 'The portrait has more pixels than any honest one.' },

  'chip.unproven': { clause: '9303-11 §6', says: 'The data are genuine, but nothing proves that the chip is no copy.' },
  'aa.key': {
    clause: '9303-11 §6.1',
    says: 'The key for active authentication is of a kind or size that proves nothing.',
  },
  'aa.signature': { clause: '9303-11 §6.1.2', says: 'The chip did not sign this challenge with its own key.' },
  'aa.format': {
    clause: '9303-11 §6.1.2, ISO/IEC 9796-2',
    says: 'The answer of the chip has another form than the standard says.',
  },
  'aa.hash': { clause: '9303-11 §6.1.2', says: 'The hash of active authentication is not one that the key allows.' },
  'ca.unsupported': { clause: '9303-11 §6.2', says: 'The chip offers no chip authentication that is known here.' },
  'ca.key': {
    clause: '9303-11 §6.2',
    says: 'The public key of the chip is not a point of its curve, or not the one it names.',
  },
  'ca.failed': { clause: '9303-11 §6.2', says: 'The chip did not show that it holds its private key.' },
  'access.failed': {
    clause: '9303-11 §4',
    says: 'The chip did not open: another card access number or machine readable zone than this card has.',
  },
  'access.unsupported': {
    clause: '9303-11 §4.4',
    says: 'The chip opens in no way that is known here, or only in a weaker one than its profile says.',
  },
  'access.key': {
    clause: '9303-11 §4.4.3',
    says: 'The chip sent a point that is no key: off the curve, at infinity, or our own.',
  },
  'messaging.mac': {
    clause: '9303-11 §9.8',
    says: 'A protected answer was changed on its way, or is that of another session.',
  },
  'messaging.malformed': { clause: '9303-11 §9.8', says: 'A protected answer is not formed as the standard says.' },
  'apdu.malformed': { clause: 'ISO/IEC 7816-4 §5', says: 'An answer of the chip is no answer.' },
  'apdu.status': { clause: 'ISO/IEC 7816-4 §5.6', says: 'The chip refused a command.' },

  'document.expired': { clause: '9303-3 §4.2', says: 'The document has expired.' },
  'document.not_national': { clause: 'SenID: national profile', says: 'The document is not a national identity card.' },
  'document.not_passport': {
    clause: '9303-4 §4.2.2',
    says: 'The document of another state is no passport.',
  },
  'document.register_differs': {
    clause: 'SenID: passports at the counter',
    says: 'The passport is not the one that the register names for this person.',
  },
  'document.another': {
    clause: 'SenID: national profile',
    says: 'The document is another one than the account is bound to.',
  },
  'document.reported': {
    clause: 'SenID: register events',
    says: 'The register has reported that this card was taken away, or that another one was issued after it.',
  },
  'document.passport_replaced': {
    clause: 'SenID: register events',
    says: 'The register has reported that another passport was issued to its holder.',
  },
  'document.revoked': { clause: 'SenID: document authority', says: 'The authority has withdrawn this document.' },
  'document.not_issued': { clause: 'SenID: document authority', says: 'The authority did not issue this document.' },
  'document.status_unknown': {
    clause: 'SenID: document authority',
    says: 'The authority could not be asked, and its last answer is too old.',
  },

  'reader.session': {
    clause: 'SenID: reader protocol',
    says: 'The session is unknown, was used before, or its time is over.',
  },
  'reader.protocol': {
    clause: 'SenID: reader protocol',
    says: 'The reader sent what its protocol does not allow at this point.',
  },
  'reader.late': { clause: 'SenID: reader protocol', says: 'The reader took longer than a session or a step lasts.' },
  'reader.lost': { clause: 'SenID: reader protocol', says: 'The card or the reader went away before the end.' },
  'reader.cancelled': { clause: 'SenID: reader protocol', says: 'The person ended the session on the reader.' },
} as const satisfies Record<string, { clause: string; says: string }>;

export type RefusalCode = keyof typeof REFUSALS;

/** What stands before the dot: all that leaves the server towards a reader. */
export const coarse = (code: RefusalCode): string => code.slice(0, code.indexOf('.'));

/**
 * A refusal on its way to the border of this library; nothing else is ever thrown for bad input. `about` names what was
 * missing or bad for an examiner (an algorithm, a certificate's name): never a person's data.
 */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly about: string | undefined;
  constructor(code: RefusalCode, about?: string) {
    super(about === undefined ? code : `${code}: ${about}`);
    this.name = 'Refused';
    this.code = code;
    this.about = about;
  }
}

/** Refuses. */
export const refuse = (code: RefusalCode, about?: string): never => {
  throw new Refused(code, about);
};

/** Refuses unless it is so. */
export function demand(fact: unknown, code: RefusalCode, about?: string): asserts fact {
  if (!fact) throw new Refused(code, about);
}

/** A refusal as a value. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly about?: string;
}

/** A refusal becomes a value; anything else is a fault and passes through. */
export const asRefusal = (error: unknown): Refusal => {
  if (!(error instanceof Refused)) throw error;
  return error.about === undefined ? { code: error.code } : { code: error.code, about: error.about };
};
