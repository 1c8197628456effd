import { type Command, Option } from 'commander';
import { CliError } from './errors.ts';
import { warn } from './options.ts';

/** The options by which a command finds a running node. */
export type NodeOptions = { config?: string; api?: string; json?: boolean };

/** Asks a running node; `path` with its query. Throws CliError. */
export type Ask = (path: string, method?: 'GET' | 'POST') => Promise<unknown>;

/** Adds the options by which a command finds a running node. */
export function nodeOption(command: Command): Command {
  return command
    .addOption(new Option('-c, --config <file>', 'YAML configuration of the node').env('GAVEL_CONFIG'))
    .addOption(
      new Option('--api <url>', 'address of the node’s interface, instead of its configuration').env(
        'GAVEL_API_URL',
      ),
    )
    .option('--json', 'print JSON instead of a table')
    .hook('preAction', (_, used) => {
      // What is typed outranks what is exported: --config, GAVEL_API_URL.
      const isExported = used.getOptionValueSource('api') === 'env';
      if (isExported && used.getOptionValueSource('config') === 'cli') used.setOptionValue('api', undefined);
    });
}

/**
 * Finds the interface of a running node, to change something if `write`. Throws BAD_ARGUMENT if nothing says
 * where it is.
 */
export async function findNode(options: NodeOptions, write = false): Promise<Ask> {
  const { url, token } = await locate(options, write);
  return async (path, method = 'GET') => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { method, headers, signal: AbortSignal.timeout(15_000) });
    } catch (cause) {
      throw new CliError(
        'NO_NODE',
        'No node answers there: is it running, with "api" in its configuration?',
        {
          meta: { url },
          cause,
        },
      );
    }
    const body: unknown = await response.json();
    if (response.ok || response.status === 503) return body;
    const { error } = body as { error?: { code: string; message: string; meta?: Record<string, unknown> } };
    throw new CliError('REFUSED', error?.message ?? 'The node refused', {
      meta: { status: response.status, ...error?.meta },
    });
  };
}

/** Asks for a list, page after page, up to `most` items. */
export async function askAll<Item>(ask: Ask, path: string, most: number): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(200, most - found.length)) });
    if (cursor !== undefined) query.set('cursor', cursor);
    const page = (await ask(`${path}${path.includes('?') ? '&' : '?'}${query}`)) as {
      items: Item[];
      next?: string;
    };
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined && found.length < most);
  return found;
}

async function locate(
  { api, config: file }: NodeOptions,
  write: boolean,
): Promise<{ url: string; token?: string }> {
  const { loadConfig } = await import('../config/load.ts');
  if (api !== undefined) {
    if (!URL.canParse(api))
      throw new CliError('BAD_ARGUMENT', 'Expected a URL after --api', { meta: { got: api } });
    const token = process.env.GAVEL_API_TOKEN;
    return token === undefined ? { url: api } : { url: api, token };
  }
  if (file === undefined) {
    throw new CliError(
      'BAD_ARGUMENT',
      'Which node? Give its configuration (--config) or its address (--api)',
    );
  }
  const config = await loadConfig({ file, withoutSecrets: true, warn });
  if (config.api === undefined) {
    throw new CliError(
      'BAD_ARGUMENT',
      'The configuration has the interface off: add "api: {}" and restart the node',
    );
  }
  const { listen, token: ref } = config.api;
  const { isLoopback } = await import('../config/relations.ts');
  const port = listen.slice(listen.lastIndexOf(':') + 1);
  const wildcard = /^(0\.0\.0\.0|\[::\]):/.test(listen);
  const url = `http://${wildcard ? `127.0.0.1:${port}` : listen}`;
  // Reading on this machine takes no token, so it need not be at hand.
  if (ref === undefined || (!write && isLoopback(listen))) return { url };
  const { readToken } = await import('../config/secrets.ts');
  return { url, token: await readToken(ref) };
}
