import type { Cipher } from '../access/ciphers.ts';
import { type Node, read } from '../asn1/read.ts';
import { expect, oid, partsOf, smallInteger, TAG } from '../asn1/values.ts';
import { demand } from '../refusal.ts';
import {
  ACTIVE_AUTHENTICATION,
  type Agreement,
  chipAuthenticationProtocol,
  type Mapping,
  PUBLIC_KEY_DH,
  PUBLIC_KEY_ECDH,
  paceProtocol,
} from './protocols.ts';

/** PACEInfo (9303-11 §9.2.1). */
export interface PaceInfo {
  readonly oid: string;
  readonly agreement: Agreement;
  readonly mapping: Mapping;
  readonly cipher: Cipher;
  readonly version: number;
  /** Of the standardised domain parameters; absent when the chip brings its own, which are not taken. */
  readonly parameterId?: number;
}

/** ChipAuthenticationInfo (9303-11 §9.2.5). */
export interface ChipAuthenticationInfo {
  readonly oid: string;
  readonly agreement: Agreement;
  readonly cipher: Cipher;
  readonly version: number;
  readonly keyId?: number;
}

/** ChipAuthenticationPublicKeyInfo (9303-11 §9.2.6). */
export interface ChipKeyInfo {
  readonly agreement: Agreement;
  /** SubjectPublicKeyInfo, as received. */
  readonly key: Node;
  readonly keyId?: number;
}

/** ActiveAuthenticationInfo (9303-11 §9.2.4). */
export interface ActiveAuthenticationInfo {
  readonly version: number;
  /** The object identifier of the signature algorithm. */
  readonly signature: string;
}

/** What a chip says that it can do; what nobody here knows (terminal authentication, EF.DIR) is left out. */
export interface SecurityInfos {
  readonly pace: readonly PaceInfo[];
  readonly chipAuthentication: readonly ChipAuthenticationInfo[];
  readonly chipKeys: readonly ChipKeyInfo[];
  readonly activeAuthentication?: ActiveAuthenticationInfo;
}

const DG14 = 0x6e;
const LARGEST = 4096;

/**
 * Reads the SecurityInfos of EF.DG14 or EF.CardAccess (9303-11 §9.2): a SET of protocols, in DG14 within its own tag.
 * Refuses `input.too_large`, `asn1.*`, and `dg.malformed` for two statements about active authentication.
 */
export function parseSecurityInfos(file: Buffer): SecurityInfos {
  demand(file.length <= LARGEST, 'input.too_large');
  const outer = read(file, { encoding: 'ber', maxDepth: 12, maxNodes: 500 });
  const inner = outer.tag === DG14 ? onlyPart(outer) : outer;
  const infos = partsOf(inner, TAG.set).map(infoOf);
  const pace = infos.flatMap(paceInfo);
  const chipAuthentication = infos.flatMap(chipAuthenticationInfo);
  const chipKeys = infos.flatMap(chipKeyInfo);
  const active = infos.flatMap(activeAuthenticationInfo);
  // ICAO has one; with two, a reader and a verifier could take another each.
  demand(active.length <= 1, 'dg.malformed', 'two ActiveAuthenticationInfo');
  return { pace, chipAuthentication, chipKeys, ...(active[0] ? { activeAuthentication: active[0] } : {}) };
}

/** SecurityInfo ::= SEQUENCE { protocol OBJECT IDENTIFIER, requiredData ANY, optionalData ANY OPTIONAL }. */
interface Info {
  readonly protocol: string;
  readonly required: Node;
  readonly optional?: Node;
}

function onlyPart({ children }: Node): Node | undefined {
  demand(children.length === 1, 'dg.malformed', 'DG14');
  return children[0];
}

function infoOf(node: Node): Info {
  const [protocol, required, optional, ...more] = partsOf(node);
  demand(required && more.length === 0, 'dg.malformed', 'SecurityInfo');
  return { protocol: oid(protocol), required, ...(optional ? { optional } : {}) };
}

/** An INTEGER that names a key or parameters. */
const identifier = <Name extends string>(name: Name, node: Node | undefined): { [N in Name]?: number } =>
  (node ? { [name]: smallInteger(node) } : {}) as { [N in Name]?: number };

function paceInfo({ protocol, required, optional }: Info): PaceInfo[] {
  const known = paceProtocol(protocol);
  if (!known) return [];
  return [{ oid: protocol, ...known, version: smallInteger(required), ...identifier('parameterId', optional) }];
}

function chipAuthenticationInfo({ protocol, required, optional }: Info): ChipAuthenticationInfo[] {
  const known = chipAuthenticationProtocol(protocol);
  if (!known) return [];
  return [{ oid: protocol, ...known, version: smallInteger(required), ...identifier('keyId', optional) }];
}

function chipKeyInfo({ protocol, required, optional }: Info): ChipKeyInfo[] {
  if (protocol !== PUBLIC_KEY_ECDH && protocol !== PUBLIC_KEY_DH) return [];
  const agreement = protocol === PUBLIC_KEY_ECDH ? 'ECDH' : 'DH';
  return [{ agreement, key: expect(required, TAG.sequence), ...identifier('keyId', optional) }];
}

function activeAuthenticationInfo({ protocol, required, optional }: Info): ActiveAuthenticationInfo[] {
  return protocol === ACTIVE_AUTHENTICATION ? [{ version: smallInteger(required), signature: oid(optional) }] : [];
}
