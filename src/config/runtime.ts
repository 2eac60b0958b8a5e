/** Imported first by every process: the sources need what Node 24 can do, and say so in one line on an older one. */
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `SenID needs Node 24; this is ${process.version}. Start it with npm or bin/senid, which bring one.\n`,
  );
  process.exit(78);
}
