import { defineView } from '../../platform/views.ts';

/** What somebody sees who opened the link of a card reader with a browser. It knows nothing of the session. */
export type ReaderLink = Record<never, never>;
export const readerLinkPage = defineView<ReaderLink>('reader/link', 'reader-link.title');
