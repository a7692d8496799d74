/** Which recordings a policy is learned from. */
import { LeastwiseError } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import type { RecordingInfo } from '../domain/recording.ts';
import type { RecordingStore } from '../store/store.ts';

export interface Selection {
  readonly name: string;
  readonly chosen: readonly RecordingInfo[];
  /** Incomplete ones that were passed over. */
  readonly passedOver: readonly RecordingInfo[];
}

export interface SelectionFlags {
  readonly name?: string;
  readonly runs?: readonly string[];
  readonly acceptIncomplete?: boolean;
}

/** @throws LeastwiseError `no-recording`, or `incomplete-recording` where only a flag would help */
export function selectRecordings(store: RecordingStore, flags: SelectionFlags): Selection {
  const asked = flags.runs?.map((reference) => store.find(reference));
  const name = flags.name ?? asked?.[0]?.name ?? store.find('last').name;
  const all = (asked ?? store.list(name)).filter((info) => info.name === name);
  if (all.length === 0)
    throw new LeastwiseError(
      'no-recording',
      `no recording is called ${displayText(name)}`,
      '"leastwise runs" lists them.',
    );
  const usable = (info: RecordingInfo) =>
    info.status === 'complete' || (flags.acceptIncomplete === true && info.status !== 'running');
  const chosen = uniqueById(all.filter(usable));
  const passedOver = all.filter((info) => !usable(info));
  if (chosen.length === 0 || (asked !== undefined && passedOver.length > 0)) throw incomplete(passedOver[0]!);
  return { name, chosen, passedOver };
}

function incomplete(info: RecordingInfo): LeastwiseError {
  const problem = info.problems[0];
  const why = problem === undefined ? info.status : `${problem.kind}, ${problem.detail}`;
  return new LeastwiseError(
    'incomplete-recording',
    `the recording ${info.id} is incomplete (${displayText(why)})`,
    'Record again, or learn from it all the same with --accept-incomplete.',
  );
}

function uniqueById(infos: readonly RecordingInfo[]): RecordingInfo[] {
  return [...new Map(infos.map((info) => [info.id, info])).values()];
}
