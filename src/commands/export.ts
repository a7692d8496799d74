/** `leastwise export`: policy document → a request of an enforcement. */
import type { Console } from '../console.ts';
import { EXIT } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import { launchOf } from '../policy-launch.ts';
import { readPolicy, writeWhole } from '../policy-file.ts';
import { hostFacts } from '../sandbox/host-facts.ts';
import { workspaceOf } from '../workspace.ts';
import { compileMxc } from '../../synthesizer/targets/mxc.ts';

export interface ExportFlags {
  readonly to: 'mxc';
  readonly output?: string;
  readonly workspace?: string;
}

export async function runExport(file: string, flags: ExportFlags, console: Console): Promise<number> {
  const { policy } = readPolicy(file);
  const host = hostFacts(workspaceOf(flags.workspace));
  const compiled = compileMxc(policy, launchOf(policy, host.variables), host);
  const text = `${JSON.stringify(compiled.request, null, 2)}\n`;
  // The request holds the values of the environment: for its owner's eyes.
  if (flags.output === undefined) process.stdout.write(text);
  else writeWhole(flags.output, text, 0o600);
  for (const { path, why } of compiled.skipped.filter((one) => !one.refused))
    console.note(`leastwise: left out ${displayText(path)}: ${why}`);
  for (const caveat of compiled.caveats) console.note(`leastwise: ${caveat}`);
  for (const folder of compiled.create)
    console.note(`leastwise: make this folder before the run: ${displayText(folder)}`);
  return EXIT.ok;
}
