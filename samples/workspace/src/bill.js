/** The sum of a bill in cents, after a discount in per cent. */
export function total(items, discount = 0) {
  const sum = items.reduce((all, item) => all + item.price, 0);
  return Math.round(sum * (1 - discount / 100));
}
