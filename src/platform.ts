/** The one look at the system: which tracer it has. */
import { LeastwiseError } from './domain/errors.ts';
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
