/** One argument as a word of a POSIX shell: it comes out as the same bytes, whatever they are. */
export function shellWord(argument: string): string {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}
