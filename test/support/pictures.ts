import { randomBytes } from 'node:crypto';
import { drawPerson } from '../../src/sandbox/index.ts';

/** A picture of somebody at this moment: no two are the same. */
export const pictureOf = (identityNumber: string, mark?: Parameters<typeof drawPerson>[1]): Promise<Buffer> =>
  drawPerson(identityNumber, mark, randomBytes(5).readUIntBE(0, 5));
