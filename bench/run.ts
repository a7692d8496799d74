/** Runs benchmarks one after the other: all, or those that are named.   npm run bench -- [record|parse|learn|replay|startup…] */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES: Readonly<Record<string, readonly string[]>> = {
  record: ['record.js'],
  parse: ['parse.js'],
  learn: ['learn.js'],
  'learn-store': ['learn.js', '--store'],
  replay: ['replay.js'],
  startup: ['startup.js'],
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => BENCHES[name] === undefined);
if (unknown === undefined) {
  for (const [name, [file = '', ...flags]] of Object.entries(BENCHES)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    process.stdout.write(`\n== ${name}\n`);
    const path = fileURLToPath(new URL(file, import.meta.url));
    if (spawnSync(process.execPath, [path, ...flags], { stdio: 'inherit' }).status !== 0) process.exitCode = 1;
  }
} else {
  process.stderr.write(
    `there is no benchmark ${JSON.stringify(unknown)}; there are ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exitCode = 2;
}
