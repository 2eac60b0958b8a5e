/** Loaded before a child of the launcher: when the launcher is gone, however it went, the child goes too. */
process.once('disconnect', () => process.exit(0));
