import { startBareProvider } from '../support/bare-provider.ts';

// The process that is measured as bare oidc-provider.
await startBareProvider({ port: Number(process.env.PORT), clients: JSON.parse(process.env.CLIENTS ?? '[]') });
process.once('SIGTERM', () => process.exit(0));
