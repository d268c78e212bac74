import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder, with a slash at its end. */
export const repositoryRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A source file and the project's own files that it names, all as paths from the repository's root. */
export type SourceFile = { readonly path: string; readonly imports: readonly string[]; readonly lineCount: number };

/** Static and dynamic imports, re-exports, and `new URL('./x.ts', import.meta.url)`, by which workers and child programs are named. */
const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)['"](\.{1,2}\/[^'"]+\.(?:ts|mjs|js))['"]/g;

/** Reads all TypeScript files that match a glob pattern. */
export function readSources(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: repositoryRoot })
    .sort()
    .map((path) => {
      const text = readFileSync(join(repositoryRoot, path), 'utf8');
      const imports = [...text.matchAll(specifier)].map((match) => normalize(join(dirname(path), match[1] ?? '')));
      return { path, imports: [...new Set(imports)], lineCount: text.split('\n').length - 1 };
    });
}

/** One cycle among the files as the list of its members, or null. Depth first, each file entered once. */
export function findCycle(files: readonly SourceFile[]): string[] | null {
  const importsOf = new Map(files.map((file) => [file.path, file.imports]));
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): string[] | null => {
    const at = trail.indexOf(path);
    if (at >= 0) return [...trail.slice(at), path];
    if (finished.has(path)) return null;
    trail.push(path);
    for (const next of importsOf.get(path) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    trail.pop();
    finished.add(path);
    return null;
  };
  for (const { path } of files) {
    const cycle = visit(path);
    if (cycle) return cycle;
  }
  return null;
}
