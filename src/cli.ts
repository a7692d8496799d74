#!/usr/bin/env node
/** Arguments → command → exit code; the only place that exits. */
import { EXIT } from './domain/errors.ts';

const NODE_NEEDED = 24;

const major = Number(process.versions.node.split('.')[0]);
if (major < NODE_NEEDED) {
  process.stderr.write(`leastwise: needs Node ${NODE_NEEDED} or later, this is ${process.versions.node}\n`);
  process.exit(EXIT.failed);
}

const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
