import type { Settings } from '../config/settings.ts';
import type { Journal } from '../domain/audit/index.ts';
import {
  createDatabaseKeystore,
  createFileKeystore,
  createPkcs11Module,
  type Keystore,
} from '../domain/signing-keys/index.ts';
import { createTokenPool, Pkcs11Fault, type TokenPool } from '../platform/pkcs11/pool.ts';
import type { Foundation } from './foundation.ts';

/** Milliseconds that a signature may take: longer than a smart card needs, shorter than a relying party waits. */
const TIMEOUT = 4_000;

/** Where the settings say that signing keys rest. */
export function keystore({ settings, database, sealer }: Foundation, journal: Pick<Journal, 'append'>): Keystore {
  const shared = { database, journal, sealer: sealer('signing-keys') };
  if (settings.signingKeyCustody === 'file')
    return createFileKeystore({ ...shared, folder: settings.signingKeyFolder });
  const pool = tokenPool(settings);
  return createDatabaseKeystore({ ...shared, module: pool && createPkcs11Module(pool) });
}

/** What is wrong with the token, in a sentence. An outage ends by itself: the server waits for that with its readiness red. */
export interface TokenFault {
  readonly sentence: string;
  readonly outage: boolean;
}

const OUTAGES: ReadonlySet<string> = new Set(['absent', 'lost', 'silent', 'no_token', 'busy', 'failed']);

/** Why the token of the signing keys cannot be opened; nothing when it can, or when there is to be none. */
export async function tokenFault(settings: Settings): Promise<TokenFault | undefined> {
  const pool = tokenPool(settings);
  try {
    await pool?.use(async () => {});
    return undefined;
  } catch (error) {
    if (!(error instanceof Pkcs11Fault)) throw error;
    return { sentence: `signing keys: ${error.message}`, outage: OUTAGES.has(error.code) };
  } finally {
    pool?.close();
  }
}

function tokenPool(settings: Settings): TokenPool | undefined {
  const { pkcs11Socket: socket, pkcs11Token: label, pkcs11Pin: pin, pkcs11Sessions: size } = settings;
  if (settings.signingKeyCustody !== 'pkcs11' || !socket || !label || !pin) return undefined;
  return createTokenPool({ socket, label, pin, size, timeout: TIMEOUT });
}
