import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the path of an example module of the SDK. */
export function sdkExample(name: string): string {
  const folder = dirname(dirname(fileURLToPath(import.meta.resolve('@gavel/solver-sdk'))));
  return join(folder, 'examples', `${name}.ts`);
}
