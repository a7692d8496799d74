#!/usr/bin/env node
/** Arguments → command → exit code; the only place that exits. */
import { constants } from 'node:os';
import { EXIT } from './domain/errors.ts';

const NODE_NEEDED = 24;

const major = Number(process.versions.node.split('.')[0]);
if (major < NODE_NEEDED) {
  process.stderr.write(`leastwise: needs Node ${NODE_NEEDED} or later, this is ${process.versions.node}\n`);
  process.exit(EXIT.failed);
}

// Whoever reads may stop early, as `head` does: what is left to say has no reader, and the work goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const { runCommandLine } = await import('./command-line.ts');
const exit = await runCommandLine(process.argv.slice(2));
if ('code' in exit) process.exitCode = exit.code;
else endBySignal(exit.signal);

/** A workload that a signal ended: whoever waits for leastwise sees the same end. */
function endBySignal(signal: string): void {
  process.exitCode = 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  process.kill(process.pid, signal);
}
