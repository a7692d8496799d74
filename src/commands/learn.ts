/** `leastwise learn`: recordings → policy document. */
import type { Console } from '../console.ts';
import { EXIT } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import { gatherDecisions, type DecisionFlags } from '../learning/decide.ts';
import { selectRecordings, type SelectionFlags } from '../learning/select.ts';
import { describeLearned } from '../learning/summary.ts';
import { digestOf, policyText, writeWhole } from '../policy-file.ts';
import { hostFacts } from '../sandbox/host-facts.ts';
import { openStore } from '../store/open.ts';
import { storeFolder } from '../store/folder.ts';
import { measureExposure } from '../../synthesizer/exposure.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { shellWord } from '../../synthesizer/targets/shell-quote.ts';
import { compileMxc } from '../../synthesizer/targets/mxc.ts';
import { workspaceOf } from '../workspace.ts';
import { launchOf } from '../policy-launch.ts';

export interface LearnFlags extends SelectionFlags, DecisionFlags {
  readonly workspace?: string;
  readonly store?: string;
  readonly check?: string;
  readonly json?: boolean;
}

export async function runLearn(flags: LearnFlags, console: Console): Promise<number> {
  const workspace = workspaceOf(flags.workspace);
  const store = openStore(storeFolder(flags, workspace), 'read');
  try {
    const selection = selectRecordings(store, flags);
    for (const info of selection.passedOver) console.note(`leastwise: passing over ${info.id}: it is ${info.status}`);
    const recordings = selection.chosen.map((info) => store.read(info.id));
    const check = flags.check === undefined ? {} : { check: ['sh', '-c', flags.check] };
    const decisions = gatherDecisions(flags, new Date());
    const learned = learnPolicy(recordings, { name: selection.name, decisions, ...check });
    const { policy } = learned;
    const host = hostFacts(workspace);
    const compiled = compileMxc(policy, launchOf(policy, host.variables), host);
    const exposure = measureExposure(compiled, host, (path) => learned.wasTouched(path));
    if (flags.output !== undefined) writeWhole(flags.output, policyText(policy));
    if (flags.json) {
      console.out(
        JSON.stringify(
          { policy, digest: digestOf(policy), exposure, masks: compiled.masks, skipped: compiled.skipped },
          null,
          2,
        ),
      );
    } else if (flags.output === undefined) {
      process.stdout.write(policyText(policy));
    }
    describeLearned(policy, compiled, exposure, console);
    if (flags.output !== undefined)
      console.note(
        `  written to ${displayText(flags.output)}; next: leastwise replay ${displayText(shellWord(flags.output))}`,
      );
    return EXIT.ok;
  } finally {
    store.close();
  }
}
