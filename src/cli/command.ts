import type { Command } from 'commander';
import type { Context, Options } from './context.ts';

/** A command with the options that each has; `senid help` shows its one sentence. */
export const command = (parent: Command, name: string, about: string): Command =>
  parent
    .command(name)
    .description(about)
    .option('--json', 'answer with one JSON value')
    .option('--sandbox', 'take the settings of the sandbox that runs in this folder')
    .exitOverride();

/** A word that has commands below it. */
export const family = (program: Command, name: string, about: string): Command =>
  program.command(name).description(about).exitOverride();

/**
 * What a command does: its arguments, then its options. Loaded when it is called, so that help and mistyped words are
 * answered at once.
 */
export const runs = (
  made: Command,
  load: () => Promise<(context: Context, ...given: never[]) => Promise<number>>,
): Command =>
  made.action(async () => {
    const [{ contextOf }, run] = await Promise.all([import('./context.ts'), load()]);
    const options = made.opts<Options>();
    process.exitCode = await run(contextOf(options), ...([...made.processedArgs, options] as never[]));
  });

/** An option that may be given more than once. */
export const several = (one: string, before: string[] = []): string[] => [...before, one];
