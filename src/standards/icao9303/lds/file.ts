import { type Node, read } from '../asn1/read.ts';
import { demand } from '../refusal.ts';

/**
 * One file as the chip gave it: a single structure, nothing behind it, not larger than any honest one.
 * @throws Refused input.too_large, asn1.*
 */
export function readFile(file: Buffer, limit: number): Node {
  demand(file.length <= limit, 'input.too_large');
  return read(file, { encoding: 'ber', maxDepth: 8, maxNodes: 400 });
}
