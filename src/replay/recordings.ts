/** The recordings that a policy was learned from, as far as the store still has them. */
import type { Policy } from '../domain/policy.ts';
import type { Recording } from '../domain/recording.ts';
import type { RecordingStore } from '../store/store.ts';

export interface KnownRecordings {
  readonly recordings: readonly Recording[];
  readonly caveats: readonly string[];
}

export function recordingsOf(policy: Policy, store: RecordingStore | undefined): KnownRecordings {
  const known = new Set(store?.list().map((info) => info.id));
  const there = policy.recordings.filter(({ id }) => known.has(id));
  const missing = policy.recordings.length - there.length;
  return {
    recordings: there.map(({ id }) => store!.read(id)),
    caveats: missing > 0 ? [missingText(missing, there.length)] : [],
  };
}

function missingText(missing: number, there: number): string {
  const which =
    there === 0 ? 'the recordings it was learned from are' : `${missing} of the recordings it was learned from are`;
  return `${which} not in the store: what went well before, and what it left behind, is not known (--store names another one)`;
}
