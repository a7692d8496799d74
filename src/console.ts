/** Where a command writes: results to `out`, everything that is said on the way to `note`. */
export interface Console {
  /** A line of the result, to standard output. */
  out(line: string): void;
  /** A line about the result, to standard error. */
  note(line: string): void;
  /** `text` in a colour where standard error, or output, shows colours. */
  paint(colour: Colour, text: string): string;
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, string>> = { green: '32', red: '31', yellow: '33', dim: '2', bold: '1' };

export function systemConsole(environment: NodeJS.ProcessEnv = process.env): Console {
  const colours = wantsColours(environment);
  return {
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    paint: (colour, text) => (colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
  };
}

function wantsColours(environment: NodeJS.ProcessEnv): boolean {
  if (environment['NO_COLOR'] || environment['TERM'] === 'dumb') return false;
  return process.stdout.isTTY && process.stderr.isTTY;
}
