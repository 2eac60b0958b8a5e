import type { Transmit } from '../apdu/response.ts';
import { STANDARD_CURVES } from '../chip/protocols.ts';
import { type PaceInfo, parseSecurityInfos } from '../chip/security-infos.ts';
import type { CurveName } from '../pki/algorithms/curve-parameters.ts';
import { demand, refuse } from '../refusal.ts';
import { decrypt, SUITES, same } from './ciphers.ts';
import { deriveChannelKeys, type Password, passwordKey } from './key-derivation.ts';
import { createMessaging, type Messaging } from './messaging.ts';
import { authenticateStep, chooseProtocol, STEPS, tokenOver } from './pace-exchange.ts';
import { abscissaOf, generatorOf, mappedGenerator, multiply, octetsOf, pointFrom } from './points.ts';
import { drawScalar, type Random } from './scalar.ts';

/** A PACE that is known here: generic mapping over a standardised elliptic curve. */
export interface UsablePace {
  readonly info: PaceInfo;
  readonly parameterId: number;
  readonly curve: CurveName;
}

const VERSION = 2;
const STRENGTH = ['3DES', 'AES-128', 'AES-192', 'AES-256'];
const LARGEST_NONCE = 64;

/** The strongest PACE of EF.CardAccess that is known here, if any. Refuses what `parseSecurityInfos` refuses. */
export function usablePace(cardAccess: Buffer): UsablePace | undefined {
  const usable = parseSecurityInfos(cardAccess).pace.flatMap((info): UsablePace[] => {
    const curve = info.parameterId === undefined ? undefined : STANDARD_CURVES[info.parameterId];
    const known = info.agreement === 'ECDH' && info.mapping === 'GM' && info.version === VERSION;
    return known && curve && info.parameterId !== undefined ? [{ info, parameterId: info.parameterId, curve }] : [];
  });
  return usable.sort((one, other) => STRENGTH.indexOf(other.info.cipher) - STRENGTH.indexOf(one.info.cipher))[0];
}

/**
 * Password authenticated connection establishment (9303-11 §4.4): the password opens a nonce, the nonce makes a generator
 * of its own, and over that both sides agree on keys. Nobody who listened can try passwords afterwards. Refuses
 * `access.unsupported` (no such PACE in EF.CardAccess), `access.key` (a public key that is none, or our own),
 * `access.failed` (another password), `apdu.*`, and what `parseSecurityInfos` refuses.
 */
export async function establishPace(
  transmit: Transmit,
  cardAccess: Buffer,
  password: Password,
  random: Random,
): Promise<Messaging> {
  const pace = usablePace(cardAccess) ?? refuse('access.unsupported', 'no PACE that is known here');
  const { curve, parameterId, info } = pace;
  const { oid: protocol, cipher } = info;
  await chooseProtocol(transmit, { protocol, parameterId, password: password.kind });

  const sealed = await authenticateStep(transmit, STEPS.nonce);
  const whole = sealed.length > 0 && sealed.length <= LARGEST_NONCE && sealed.length % SUITES[cipher].block === 0;
  demand(whole, 'apdu.malformed', 'nonce');
  const nonce = decrypt(cipher, passwordKey(password, cipher), sealed);

  // Each public key of the chip must be a point of the curve, and not the one that we sent (§4.4.3.3, §4.4.3.4).
  const exchange = async (step: typeof STEPS.map | typeof STEPS.agree, generator: ReturnType<typeof generatorOf>) => {
    const ours = drawScalar(curve, random);
    const sent = octetsOf(multiply(generator, ours));
    const received = await authenticateStep(transmit, step, sent);
    const theirs = pointFrom(curve, received);
    demand(!same(sent, received), 'access.key', 'our own key came back');
    return { sent, received, shared: multiply(theirs, ours) };
  };
  const mapping = await exchange(STEPS.map, generatorOf(curve));
  const agreement = await exchange(STEPS.agree, mappedGenerator(curve, nonce, mapping.shared));

  const keys = deriveChannelKeys(abscissaOf(curve, agreement.shared), cipher);
  const token = tokenOver(cipher, keys.mac, protocol, agreement.received);
  const answer = await authenticateStep(transmit, STEPS.confirm, token);
  demand(same(answer, tokenOver(cipher, keys.mac, protocol, agreement.sent)), 'access.failed', 'token of the chip');
  return createMessaging({ cipher, ...keys, counter: Buffer.alloc(SUITES[cipher].block) });
}
