/** Whether a path can be written in a request at all: MXC takes JSON, which is UTF-8, and refuses a quotation mark in a path. Pure. */
export function isExpressible(path: string): boolean {
  return path.isWellFormed() && !path.includes('"');
}
