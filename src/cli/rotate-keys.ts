import { ALGORITHMS, type Algorithm } from '../domain/signing-keys/index.ts';
import type { Context } from './context.ts';

/** `senid keys rotate`: the next key signs, the current one stays published; running processes follow by themselves. */
export async function rotateKeysCommand(
  { terminal, withApp }: Context,
  options: { algorithm?: string; force?: boolean },
): Promise<number> {
  const { algorithm, force = false } = options;
  if (algorithm !== undefined && !ALGORITHMS.includes(algorithm as Algorithm)) {
    process.stderr.write(`There is no algorithm ${algorithm}: ${ALGORITHMS.join(', ')}.\n`);
    return 64;
  }
  const rotations = await withApp(({ parts }) =>
    parts.signingKeys.rotate({ force, ...(algorithm ? { algorithm: algorithm as Algorithm } : {}) }),
  );
  terminal.answer(
    rotations,
    rotations.map((each) => {
      if (each.rotated)
        return terminal.ok(`✓ ${each.algorithm}: ${each.current} signs, ${each.retired} stays published`);
      if (each.reason === 'raced')
        return terminal.bad(`✗ ${each.algorithm}: another process rotated at the same moment`);
      const at = each.usableAt?.toISOString() ?? 'later';
      return terminal.bad(
        `✗ ${each.algorithm}: relying parties may not know the next key before ${at}; --force signs with it all the same`,
      );
    }),
  );
  return rotations.every(({ rotated }) => rotated) ? 0 : 1;
}
