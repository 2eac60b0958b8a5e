import { hash } from 'node:crypto';
import { type Certificate, certificateFrom } from '../../standards/icao9303/pki/certificate.ts';
import { parseSecurityObject } from '../../standards/icao9303/pki/security-object.ts';
import type { DocumentProfile } from '../../standards/icao9303/profiles.ts';
import { asRefusal } from '../../standards/icao9303/refusal.ts';
import type { Dump } from './dump.ts';
import type { Trust } from './trust.ts';

/** What stands in EF.SOD, believed or not: an examiner wants to see it most where it is refused. */
export interface SecurityObjectFacts {
  readonly securityObject: {
    readonly ldsVersion?: string;
    readonly hashAlgorithm: string;
    readonly signatureAlgorithm: string;
    /** As the signer says; nobody vouches for it. */
    readonly signedAt?: string;
  };
  readonly signer?: SignerFacts;
  /** Every data group that was signed or given. */
  readonly dataGroups: readonly {
    readonly group: number;
    readonly result: 'matches' | 'differs' | 'not signed' | 'not given';
  }[];
}

export interface SignerFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly sha256: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** `RSA 2048`, `EC brainpoolP256r1`. */
  readonly key: string;
  /** How its authority signed it; absent when that is weak or unknown. */
  readonly signedWith?: string;
  readonly authorityKeyId?: string;
  readonly documentTypes?: readonly string[];
  /** Trusted certificates that could have issued it, by name or key identifier. */
  readonly candidates: number;
}

/** `undefined` when EF.SOD is no security object that can be read: what is wrong, the examination says. */
export function securityObjectFacts({
  dump,
  profile,
  trust,
}: {
  dump: Dump;
  profile: DocumentProfile;
  trust: Trust;
}): SecurityObjectFacts | undefined {
  const read = attempt(() =>
    parseSecurityObject(dump.get('SOD')!, { encoding: profile.encoding, earlyContentType: !profile.national }),
  );
  if (!read) return undefined;
  const { signedData, hashes, hashAlgorithm, ldsVersion } = read;
  const signer = attempt(() => certificateFrom(signedData.signer));
  const given = new Map(
    [...dump].flatMap(([file, bytes]) => (file.startsWith('DG') ? [[Number(file.slice(2)), bytes] as const] : [])),
  );
  const groups = [...new Set([...hashes.keys(), ...given.keys()])].sort((one, other) => one - other);
  return {
    securityObject: {
      ...(ldsVersion === undefined ? {} : { ldsVersion }),
      hashAlgorithm: hashAlgorithm.replace('sha', 'SHA-'),
      signatureAlgorithm: signedData.algorithm.name,
      ...(signedData.signingTime ? { signedAt: signedData.signingTime.toISOString() } : {}),
    },
    ...(signer ? { signer: signerFacts(signer, trust) } : {}),
    dataGroups: groups.map((group) => {
      const [file, signed] = [given.get(group), hashes.get(group)];
      if (!signed) return { group, result: 'not signed' };
      if (!file) return { group, result: 'not given' };
      return { group, result: hash(hashAlgorithm, file, 'buffer').equals(signed) ? 'matches' : 'differs' };
    }),
  };
}

function signerFacts(signer: Certificate, trust: Trust): SignerFacts {
  const { subject, issuer, serial, sha256, notBefore, notAfter, publicKey, authorityKeyId, documentTypes } = signer;
  const signedWith = attempt(() => signer.signatureAlgorithm().name);
  return {
    subject: subject.text,
    issuer: issuer.text,
    ...{ serial, sha256, notBefore: notBefore.toISOString(), notAfter: notAfter.toISOString() },
    key: `${publicKey.kind} ${publicKey.curve ?? publicKey.bits}`,
    ...(signedWith ? { signedWith } : {}),
    ...(authorityKeyId ? { authorityKeyId: authorityKeyId.toString('hex') } : {}),
    ...(documentTypes ? { documentTypes } : {}),
    candidates: trust.anchors.candidates(signer).length,
  };
}

/** What can be read; a refusal here is the examination's to report. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    asRefusal(error);
    return undefined;
  }
}
