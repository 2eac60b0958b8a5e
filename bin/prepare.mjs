// Runs before `npm start`, `npm test` and the rest, on whatever Node the machine has: plain JavaScript without packages.
// Installs what package-lock.json names when it is not there, then makes sure that a Node that can run the sources is.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = realpathSync(join(dirname(fileURLToPath(import.meta.url)), '..'));
const production = process.argv.includes('--production');
const SUPPORTED = 24;

/** One sentence, and 78: EX_CONFIG of sysexits.h, something about this machine must be changed first. */
const refuse = (sentence) => {
  console.error(sentence);
  process.exit(78);
};

const packagesOf = (file) => {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages ?? {};
  } catch {
    return {};
  }
};

/** Optional packages are binaries for one kind of machine; those bound to a C library are left to npm to choose. */
const forThisMachine = ({ os, cpu, libc }) =>
  Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc);

/** npm writes node_modules/.package-lock.json last, so that an interrupted installation counts as none. */
const installed = () => {
  const here = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(([path, wanted]) => {
    if (path === '' || (production && wanted.dev) || (wanted.optional && !forThisMachine(wanted))) return true;
    return here[path]?.version === wanted.version && here[path]?.integrity === wanted.integrity;
  });
};

const install = () =>
  new Promise((resolve) => {
    console.log('installing packages (once): npm ci');
    const npm = process.env.npm_execpath;
    const [command, first] = npm && existsSync(npm) ? [process.execPath, [npm]] : ['npm', []];
    const child = spawn(command, [...first, 'ci', ...(production ? ['--omit=dev'] : [])], {
      cwd: root,
      // npm describes the running script in the environment; the inner npm must not take that for its own settings.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)/.test(name))),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        child.kill('SIGTERM');
        child.once('exit', () => process.exit(130));
      });
    }
    child.on('error', (error) => refuse(`npm could not be started: ${error.message}`));
    child.on('exit', resolve);
  });

if (Number.parseInt(process.versions.node, 10) < 20)
  refuse(`SenID needs Node 20 or newer; this is ${process.version}.`);

if (!installed()) {
  const folder = [join(root, 'node_modules'), root].find((path) => existsSync(path));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    refuse(
      `The packages are not installed and ${folder} cannot be written to: give this folder to the user who starts SenID.`,
    );
  }
  const code = await install();
  if (code !== 0) refuse('npm ci did not succeed: its own words stand above. Check the network and start again.');
}

const carried = join(root, 'node_modules/.bin/node');
const found = existsSync(carried) ? spawnSync(carried, ['--version'], { encoding: 'utf8' }).stdout : process.version;
if (!(Number.parseInt(String(found).slice(1), 10) >= SUPPORTED)) {
  refuse(
    `SenID needs Node ${SUPPORTED}; this machine has ${process.version} and npm carries none for ${process.platform}-${process.arch}.`,
  );
}
