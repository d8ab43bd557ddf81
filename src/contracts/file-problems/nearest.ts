/**
 * The known name that `text` most likely meant, or undefined when none is near: at most one edit for each three letters (two
 * at least, from four letters on), case aside. Of equally near ones the first.
 */
export function nearest(text: string, known: Iterable<string>): string | undefined {
  const wanted = simplified(text);
  const limit = wanted.length < 4 ? 1 : Math.max(2, Math.floor(wanted.length / 3));
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const candidate = simplified(name);
    if (Math.abs(candidate.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, candidate);
    if (distance <= limit && distance < (best?.distance ?? Infinity) && distance < candidate.length)
      best = { name, distance };
  }
  return best?.name;
}

/** `; did you mean X?`, or the whole list when it is short, or nothing. */
export function didYouMean(text: string, known: readonly string[]): string {
  const near = nearest(text, known);
  if (near !== undefined) return `; did you mean ${near}?`;
  return known.length > 0 && known.length <= 12 ? `; known are ${known.join(', ')}` : '';
}

/** `maxDepth`, `max-depth` and `max_depth` are the same name to a person. Long texts are cut: nothing that long is a misspelling. */
function simplified(text: string): string {
  return text.slice(0, 100).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, restricted). */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let distance = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        distance = Math.min(distance, (before[column - 2] ?? 0) + 1);
      current.push(distance);
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
}
