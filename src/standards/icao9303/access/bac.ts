import { encodeCommand } from '../apdu/command.ts';
import { completing } from '../apdu/completing.ts';
import { dataOf, decodeResponse, STATUS, statusText, type Transmit } from '../apdu/response.ts';
import { demand } from '../refusal.ts';
import { authenticate, decrypt, encrypt, pad, same } from './ciphers.ts';
import { bacSeed, deriveChannelKeys } from './key-derivation.ts';
import { createMessaging, type Messaging } from './messaging.ts';
import type { Random } from './scalar.ts';

const CIPHER = '3DES';
const NONCE = 8;
const KEY = 16;
/** E ‖ M: two nonces and a key, enciphered, and their code. */
const TOKEN = 2 * NONCE + KEY + 8;

/**
 * Basic access control (9303-11 §4.3): both sides show that they know what is printed, and agree on keys. The eMRTD
 * application is selected. `mrzInformation` is document number, birth date and expiry date, each with its check digit.
 * Refuses `access.failed`: the chip knows another MRZ, or is none; `apdu.*`.
 */
export async function establishBac(transmit: Transmit, mrzInformation: string, random: Random): Promise<Messaging> {
  const send = completing(transmit);
  const keys = deriveChannelKeys(bacSeed(mrzInformation), CIPHER);
  const code = (message: Buffer): Buffer => authenticate(CIPHER, keys.mac, pad(message, 8));

  const theirNonce = dataOf(await send(encodeCommand({ cla: 0x00, ins: 0x84, p1: 0, p2: 0, expected: NONCE })));
  demand(theirNonce.length === NONCE, 'apdu.malformed', 'GET CHALLENGE');
  const [ourNonce, ourKey] = [random(NONCE), random(KEY)];
  const ours = encrypt(CIPHER, keys.encryption, Buffer.concat([ourNonce, theirNonce, ourKey]));
  const authentication = {
    cla: 0x00,
    ins: 0x82,
    p1: 0,
    p2: 0,
    data: Buffer.concat([ours, code(ours)]),
    expected: TOKEN,
  };
  const { data, status } = decodeResponse(await send(encodeCommand(authentication)));
  demand(status === STATUS.ok && data.length === TOKEN, 'access.failed', statusText(status));

  const theirs = data.subarray(0, -8);
  demand(same(code(theirs), data.subarray(-8)), 'access.failed', 'code of the chip');
  const opened = decrypt(CIPHER, keys.encryption, theirs);
  const answered = Buffer.concat([theirNonce, ourNonce]);
  demand(same(opened.subarray(0, 2 * NONCE), answered), 'access.failed', 'nonces of the chip');
  const theirKey = opened.subarray(2 * NONCE);
  const seed = Buffer.from(ourKey.map((octet, at) => octet ^ theirKey[at]!));
  const counter = Buffer.concat([theirNonce.subarray(4), ourNonce.subarray(4)]);
  return createMessaging({ cipher: CIPHER, ...deriveChannelKeys(seed, CIPHER), counter });
}
