import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GavelError } from '@gavel/protocol';

/** A module that the configuration names cannot be loaded, or has no usable default export. */
export class ModuleError extends GavelError<'BAD_MODULE'> {
  override readonly name: string = 'ModuleError';
}

/** Milliseconds that a syntax check of one file may take. */
const CHECK_MS = 10_000;

const THIS_FILE = fileURLToPath(import.meta.url);

/**
 * Imports a module that an operator wrote, JavaScript or TypeScript, by absolute path or package name. The
 * module may import `@gavel/*` from any folder: where its own folder has no such package, it gets the one of
 * this node.
 *
 * Throws BAD_MODULE; `meta.at` names file and line as far as they are known, `meta.problem` the cause.
 */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  lendPackages();
  try {
    return await import(isAbsolute(path) ? pathToFileURL(path).href : path);
  } catch (cause) {
    throw await badModule(path, cause);
  }
}

/** Describes what code of an operator's module threw, by file and line. */
export async function badModule(path: string, cause: unknown): Promise<ModuleError> {
  const at = (await placeOf(path, cause)) ?? path;
  if (!(cause instanceof Error)) return refuseModule(path, at, `threw ${JSON.stringify(cause)}`, cause);
  // An import that this file asked for is the module itself.
  const isAbsent = missingImport(cause)?.importer === THIS_FILE;
  return refuseModule(path, at, isAbsent ? 'not found' : `${cause.name}: ${cause.message}`, cause);
}

/** Describes a default export that cannot be used, by file and line. */
export async function badDefault(path: string, problem: string): Promise<ModuleError> {
  return refuseModule(path, (await findLine(path, 'export default')) ?? path, problem);
}

function refuseModule(path: string, at: string, problem: string, cause?: unknown): ModuleError {
  return new ModuleError('BAD_MODULE', 'A module cannot be used', { meta: { path, at, problem }, cause });
}

let lent = false;

/** Resolves `@gavel/*` from this package for importers that cannot resolve it themselves. */
function lendPackages(): void {
  if (lent) return;
  lent = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!specifier.startsWith('@gavel/')) throw error;
        try {
          return next(specifier, { ...context, parentURL: import.meta.url });
        } catch {
          // The first failure names the importer.
          throw error;
        }
      }
    },
  });
}

/** `file:line` of a failure; Node gives it in one of four ways. */
async function placeOf(path: string, cause: unknown): Promise<string | undefined> {
  if (!(cause instanceof Error)) return undefined;
  const missing = missingImport(cause);
  if (missing !== undefined) {
    const { importer, specifier } = missing;
    return importer === THIS_FILE ? undefined : ((await findLine(importer, specifier)) ?? importer);
  }
  return (
    placeIn(cause.stack ?? '') ??
    (cause instanceof SyntaxError ? placeIn(await checkSyntax(path)) : undefined)
  );
}

/** The importer of a module that was not found, and the last part of the module's name. */
function missingImport({ message }: Error): { importer: string; specifier: string } | undefined {
  const [, specifier, importer] =
    /^Cannot find (?:package|module) '(?:[^']*\/)?([^'/]+)' imported from (.+)$/.exec(message) ?? [];
  return specifier === undefined || importer === undefined ? undefined : { importer, specifier };
}

/** The first `file:line` of a stack, or of what Node prints above a syntax error. */
function placeIn(stack: string): string | undefined {
  const [, place] = /(?:^|\(|at )((?:file:\/\/)?\/[^\s()]*?:\d+)(?::\d+)?\)?$/m.exec(stack) ?? [];
  return place?.startsWith('file://') ? place.replace(/^file:\/\/[^:]*/, (url) => fileURLToPath(url)) : place;
}

async function findLine(path: string, text: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  const lines = (await readFile(path, 'utf8')).split('\n');
  const index = lines.findIndex((line) => line.includes(text));
  return index < 0 ? undefined : `${path}:${index + 1}`;
}

/** Lets Node check a file of JavaScript: only a process of its own says where a syntax error is. */
function checkSyntax(path: string): Promise<string> {
  return new Promise((resolve) => {
    // A failure of the check is its result; without a result, the place stays unknown.
    execFile(process.execPath, ['--check', path], { timeout: CHECK_MS }, (_, __, stderr) => resolve(stderr));
  });
}
