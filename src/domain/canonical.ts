/** Plain values as text in which the order of fields does not show: for telling whether two are the same, and for a fixed order. Pure. */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function isSame(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b);
}
