/** The one look at the system: which tracer and which sandbox it has. */
import { LeastwiseError } from './domain/errors.ts';
import type { Sandbox } from './sandbox/sandbox.ts';
import type { Tracer } from '../tracer/tracer.ts';

/** @throws LeastwiseError `missing-tool` on a system that has none yet */
export async function pickTracer(platform: NodeJS.Platform = process.platform): Promise<Tracer> {
  if (platform === 'linux') return (await import('../tracer/strace/run.ts')).straceTracer;
  throw new LeastwiseError(
    'missing-tool',
    `cannot record on ${platform}: there is no tracer for it`,
    'Record on Linux.',
  );
}

/** @throws LeastwiseError `missing-tool` on a system that has none yet */
export async function pickSandbox(platform: NodeJS.Platform = process.platform): Promise<Sandbox> {
  if (platform === 'linux') return (await import('./sandbox/mxc.ts')).mxcSandbox;
  throw new LeastwiseError(
    'missing-tool',
    `cannot replay on ${platform}: there is no sandbox for it`,
    'Replay on Linux.',
  );
}
