import { createDatabase } from '../../src/platform/database.ts';
import { type StoredProviderKeys, startStoredProvider } from '../support/stored-provider.ts';

// The process that is measured as the protocol alone: oidc-provider with our storage, and a page that signs anybody in.
const { DATABASE_URL = '', KEYS = '', PORT } = process.env;
const database = createDatabase({ url: DATABASE_URL });
await startStoredProvider({ database, keys: JSON.parse(KEYS) as StoredProviderKeys, port: Number(PORT) });
process.once('SIGTERM', () => process.exit(0));
