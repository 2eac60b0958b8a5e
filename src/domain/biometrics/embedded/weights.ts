import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EidError } from '../../../platform/errors.ts';

/** The files of the networks, by their SHA-256: `weights/README.md` says where each comes from. */
const FILES = {
  'blazeface.json': 'cd7bbfc078270572beb39f9e5ae67aadbd50b5e67cff37e6d4f6b3ea39312e5f',
  'blazeface.bin': 'dc9a97fdc50bc43216554bdd69aa3e7b9361a519ee7bdd996a2f69a98a6f9b72',
  'facemesh.json': 'b60ca26f404724f43bd2b1575761d8265180e1f053cc0731caa68462927309e7',
  'facemesh.bin': '3826da640b0a3021161605369ee6af293f75d518040355b960ec71a3390c1c0b',
  'fr_feature.onnx': '87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581',
} as const;

export type WeightFile = keyof typeof FILES;

/** The bytes of each file, each in memory of its own, so that it can be handed to a thread. */
export type Weights = Readonly<Record<WeightFile, Uint8Array<ArrayBuffer>>>;

/** What the engine calls itself: results of two sets of weights are not to be compared. */
export const ENGINE = { name: 'embedded-face', version: `1+${FILES['fr_feature.onnx'].slice(0, 8)}` } as const;

/** Where they lie in a copy of this project. */
export const WEIGHTS_FOLDER = new URL('./weights/', import.meta.url);

/**
 * Reads them and compares each with its hash: a network that somebody has exchanged may know everybody.
 * @throws EidError face_matcher.weights
 */
export async function readWeights(folder = WEIGHTS_FOLDER): Promise<Weights> {
  const read = async ([file, hash]: [string, string]) => {
    const bytes = await readFile(new URL(file, folder)).catch((cause: unknown) => {
      throw new EidError('face_matcher.weights', { facts: { file }, cause });
    });
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw new EidError('face_matcher.weights', { facts: { file } });
    return [file, new Uint8Array(bytes)] as const;
  };
  return Object.fromEntries(await Promise.all(Object.entries(FILES).map(read))) as unknown as Weights;
}
