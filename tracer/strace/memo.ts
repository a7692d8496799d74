/** Remembers what a line meant, within bounds: the most recent ones stay. Pure. */

const MOST = 12_000;

/** Two halves: a full young one becomes the old one, and what is still in use moves back. */
export class Memo<Value> {
  #young = new Map<string, Map<string, Value>>();
  #old = new Map<string, Map<string, Value>>();
  #size = 0;
  #lastPlace = '';
  #lastYoung: Map<string, Value> | undefined;

  get(place: string, text: string): Value | undefined {
    const found = this.#at(place)?.get(text);
    if (found !== undefined) return found;
    const older = this.#old.get(place)?.get(text);
    if (older !== undefined) this.set(place, text, older);
    return older;
  }

  set(place: string, text: string, value: Value): void {
    if (this.#size >= MOST) this.#age();
    let map = this.#at(place);
    if (map === undefined) {
      map = new Map();
      this.#young.set(flat(place), map);
      this.#lastYoung = map;
    }
    map.set(flat(text), value);
    this.#size++;
  }

  clear(): void {
    this.#age();
    this.#old = new Map();
  }

  #at(place: string): Map<string, Value> | undefined {
    if (place === this.#lastPlace && this.#lastYoung !== undefined) return this.#lastYoung;
    this.#lastPlace = place;
    this.#lastYoung = this.#young.get(place);
    return this.#lastYoung;
  }

  #age(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#lastYoung = undefined;
    this.#size = 0;
  }
}

/** A copy of its own: a slice would keep the whole chunk that it was cut from. */
export function flat(text: string): string {
  return text.length < 13 ? text : ` ${text}`.slice(1);
}
