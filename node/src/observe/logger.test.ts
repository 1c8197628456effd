import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const run = promisify(execFile);
const module = join(import.meta.dirname, 'logger.ts');

/** Logs from another process, since a logger writes to standard output. */
async function output(options: object, statement: string): Promise<string> {
  const source = `
    import { createLogger } from ${JSON.stringify(module)};
    const log = createLogger(${JSON.stringify(options)});
    ${statement}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source]);
  return stdout;
}

test('json lines have words for levels, ISO times, and amounts as text', async () => {
  const statement = `
    log.debug('hidden');
    log.child({ module: 'flow', chain: 'alpha' }).info({ ask: 10n ** 20n, err: new TypeError('x') }, 'quote sent');`;
  const lines = (await output({ level: 'info', format: 'json' }, statement)).trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    module: 'flow',
    chain: 'alpha',
    ask: '100000000000000000000',
    err: { type: 'TypeError', message: 'x' },
    msg: 'quote sent',
  });
});

test('pretty lines are for people', async () => {
  const text = await output({ level: 'info', format: 'pretty' }, `log.info({ ask: 5n }, 'quote sent');`);
  expect(text).toContain('quote sent');
  expect(text).toContain('ask');
  expect(() => JSON.parse(text)).toThrow();
});
