import type { App } from '../app.ts';
import { ALGORITHMS, type Algorithm, type Rotation } from '../domain/signing-keys/index.ts';
import type { Context } from './context.ts';
import type { Terminal } from './terminal.ts';

/** What is wished for. */
interface Wish {
  readonly algorithms: readonly Algorithm[];
  readonly force: boolean;
}

/**
 * `senid keys rotate`: in a sandbox the next key signs, the current one stays published, and running processes follow by
 * themselves. Anywhere else two people decide that, and this drafts it: a change request for each algorithm.
 */
export async function rotateKeysCommand(
  { terminal, settings, withApp }: Context,
  { algorithm, force = false }: { algorithm?: string; force?: boolean },
): Promise<number> {
  if (algorithm !== undefined && !ALGORITHMS.includes(algorithm as Algorithm)) {
    process.stderr.write(`There is no algorithm ${algorithm}: ${ALGORITHMS.join(', ')}.\n`);
    return 64;
  }
  const wish = { algorithms: algorithm ? [algorithm as Algorithm] : ALGORITHMS, force };
  const { profile, issuer } = settings();
  if (profile === 'sandbox') return answerRotations(terminal, await withApp(({ parts }) => rotate(parts, wish)));
  return answerDrafts(terminal, await withApp(({ parts }) => draft(parts, wish, issuer)));
}

async function rotate({ signingKeys }: App['parts'], { algorithms, force }: Wish): Promise<Rotation[]> {
  const rotations: Rotation[] = [];
  for (const algorithm of algorithms)
    rotations.push(...(await signingKeys.rotate({ algorithm, force, custody: signingKeys.custody })));
  return rotations;
}

function answerRotations(terminal: Terminal, rotations: readonly Rotation[]): number {
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

/** A change request, or why there is none. */
type Draft = {
  readonly algorithm: Algorithm;
  readonly drafted: boolean;
  readonly url?: string;
  readonly fault?: string;
};

async function draft({ approvals }: App['parts'], { algorithms, force }: Wish, issuer: string): Promise<Draft[]> {
  const drafts: Draft[] = [];
  for (const algorithm of algorithms) {
    const drafted = await approvals.draft({
      kind: 'signing-keys',
      value: { algorithm, force },
      reason: `senid keys rotate${force ? ' --force' : ''}`,
      by: 'command line',
    });
    if (drafted.drafted) {
      drafts.push({ algorithm, drafted: true, url: `${issuer}/operator/changes/${drafted.request.id}` });
    } else {
      const fault = drafted.reason === 'faulty' ? (drafted.faults[0]?.message ?? '') : `refused: ${drafted.reason}`;
      drafts.push({ algorithm, drafted: false, fault });
    }
  }
  return drafts;
}

function answerDrafts(terminal: Terminal, drafts: readonly Draft[]): number {
  terminal.answer(
    drafts,
    drafts.map(({ algorithm, drafted, url, fault }) =>
      drafted
        ? terminal.ok(
            `✓ ${algorithm}: drafted. One operator proposes it, another person approves it; nothing is changed yet. ${url}`,
          )
        : terminal.bad(`✗ ${algorithm}: ${fault}`),
    ),
  );
  return drafts.every(({ drafted }) => drafted) ? 0 : 1;
}
