/** More letters to change than this, and it was hardly meant. */
const mostChanges = 4;

/** The name with the fewest letters to change (Levenshtein distance); null: none is near. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const ranked = names.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const [best] = ranked.sort((one, other) => one.distance - other.distance);
  return best === undefined || best.distance > mostChanges ? null : best.candidate;
}

function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const substitution = at(previous, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, at(previous, column) + 1, at(current, column - 1) + 1));
    }
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? 0;
}
