/** Whether a path can be written in a request: MXC takes JSON, which is UTF-8, and refuses a double quote in it. Pure. */
export function isExpressible(path: string): boolean {
  return path.isWellFormed() && !path.includes('"');
}
