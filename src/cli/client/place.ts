import { isLoopbackHttp } from '../../domain/relying-parties/index.ts';
import { CommandFault } from '../command-fault.ts';
import type { Context } from '../context.ts';
import { localRegistry } from './local-registry.ts';
import type { Registry } from './registry.ts';

/** The options that say which server, and as whom. */
export interface PlaceOptions {
  /** An API client of an operator's: through the admin API, and in that operator's name. */
  readonly as?: string;
  readonly key?: string;
  readonly issuer?: string;
}

/** A server to compare with. */
export interface Place {
  readonly issuer: string;
  readonly sandbox: boolean;
  with<T>(work: (registry: Registry) => Promise<T>): Promise<T>;
}

/** The server of the settings; or with `--as` the one of `--issuer`, which takes no setting and no database. Throws `CommandFault`. */
export async function placeOf(context: Context, { as, key, issuer }: PlaceOptions): Promise<Place> {
  if (as === undefined) {
    if (key !== undefined) throw new CommandFault(64, '--key goes with --as.');
    const settings = context.settings();
    const sandbox = settings.profile === 'sandbox';
    return {
      issuer: settings.issuer,
      sandbox,
      with: (work) => context.withApp(({ parts }) => work(localRegistry(parts, sandbox))),
    };
  }
  const there = issuer ?? context.environment.ISSUER;
  if (key === undefined) throw new CommandFault(64, '--as goes with --key FILE, the private key of that API client.');
  const url = URL.parse(there ?? '');
  if (!there || !url || !(url.protocol === 'https:' || isLoopbackHttp(url)))
    throw new CommandFault(64, 'Which server? --issuer https://…, or the setting ISSUER.');
  const { remoteRegistry } = await import('./remote-registry.ts');
  return { issuer: there, sandbox: false, with: async (work) => work(await remoteRegistry(there, as, key)) };
}
