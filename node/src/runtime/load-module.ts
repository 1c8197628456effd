import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { GavelError, isGavelError } from '@gavel/protocol';
import { inModule } from './module-context.ts';

/** Every way in which a module of an operator's can be unusable. */
export type ModuleErrorCode =
  /** A module that the configuration names cannot be loaded, or has no usable default export. */
  | 'BAD_MODULE'
  /** A module was asked, and threw or answered with what nothing can be done with. */
  | 'MODULE_FAILED';

/** A module that an operator wrote fails; `meta.at` names file and line as far as they are known. */
export class ModuleError extends GavelError<ModuleErrorCode> {
  override readonly name: string = 'ModuleError';
}

/** What the default export of a module must be: a factory of something recognisable. */
export type Wanted<T> = {
  /** The function that makes such a factory, for instructions: `defineStrategy`. */
  readonly definedBy: string;
  /** Recognises what the factory makes. */
  readonly is: (made: unknown) => made is T;
};

/** Milliseconds that a syntax check of one file may take. */
const CHECK_MS = 10_000;

const THIS_FILE = fileURLToPath(import.meta.url);
const OWN_FOLDER = join(dirname(THIS_FILE), '..', '/');

/**
 * Imports a module that an operator wrote, JavaScript or TypeScript, by absolute path or package name, and
 * calls its default export with `options`. The module may import `@gavel/*` and viem from any folder: where
 * its own folder has no such package, it gets the one of this node.
 *
 * Throws BAD_MODULE, with the cause in `meta.problem`; or the SDK's error if the options do not parse.
 */
export async function loadModule<T>(path: string, options: unknown, wanted: Wanted<T>): Promise<T> {
  const { definedBy, is } = wanted;
  const { default: factory } = await importModule(path);
  if (typeof factory !== 'function') {
    const problem = `default export is ${kindOf(factory)}, not a function; export default ${definedBy}({ … })`;
    throw await badDefault(path, problem);
  }
  let made: unknown;
  try {
    made = inModule(path, () => factory(options));
  } catch (error) {
    if (isGavelError(error)) throw error;
    throw await badModule(path, error);
  }
  if (is(made)) return made;
  throw await badDefault(path, `default export returned ${kindOf(made)}; use ${definedBy}`);
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  lendPackages();
  try {
    return await inModule(path, () => import(isAbsolute(path) ? pathToFileURL(path).href : path));
  } catch (cause) {
    throw await badModule(path, cause);
  }
}

async function badModule(path: string, cause: unknown): Promise<ModuleError> {
  const at = (await placeOf(path, cause)) ?? path;
  if (!(cause instanceof Error)) return refuseModule(path, at, `threw ${describe(cause)}`, cause);
  // An import that this file asked for is the module itself.
  const isAbsent = missingImport(cause)?.importer === THIS_FILE;
  return refuseModule(path, at, isAbsent ? 'not found' : `${cause.name}: ${cause.message}`, cause);
}

async function badDefault(path: string, problem: string): Promise<ModuleError> {
  return refuseModule(path, (await findLine(path, 'export default')) ?? path, problem);
}

function refuseModule(path: string, at: string, problem: string, cause?: unknown): ModuleError {
  return new ModuleError('BAD_MODULE', 'A module cannot be used', { meta: { path, at, problem }, cause });
}

/** Describes what a call of a loaded module threw, by file and line. */
export function moduleFailure(path: string, cause: unknown): ModuleError {
  const place = cause instanceof Error ? placeIn(cause.stack ?? '') : undefined;
  // The node's own code throws at an answer that is of no use: then the place says nothing of the module.
  const at = place === undefined || place.startsWith(OWN_FOLDER) ? path : place;
  const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : `threw ${describe(cause)}`;
  return new ModuleError('MODULE_FAILED', 'A module failed', { meta: { path, at, problem }, cause });
}

/** Describes any value in a few words; never throws. */
function describe(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : kindOf(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return value === null ? 'null' : `a value of type ${typeof value}`;
}

let lent = false;

/** Packages that a module gets from this node where its own folder does not have them. */
const LENT = /^(?:@gavel\/|viem(?:\/|$))/;

/** Resolves lent packages from this package for importers that cannot resolve them themselves. */
function lendPackages(): void {
  if (lent) return;
  lent = true;
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!LENT.test(specifier)) throw error;
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
