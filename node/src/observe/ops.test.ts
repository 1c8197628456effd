import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { createRegistry } from './gauges.ts';
import { COUNTERS, GAUGES, type Metric } from './metrics.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ops = join(root, 'node', 'ops');
const gauges = Object.entries<Metric>(GAUGES);
const counters = Object.entries<Metric>(COUNTERS).map(
  ([name, metric]) => [`gavel_${name}_total`, metric] as const,
);

/** Labels that Prometheus itself adds to every metric it scrapes. */
const ADDED = ['instance', 'job'];

/** Every metric that a node serves, with its labels and, of a label with a closed list, its values. */
async function catalogue(): Promise<Map<string, NonNullable<Metric['labels']>>> {
  const known = new Map([...gauges, ...counters].map(([name, { labels = {} }]) => [name, labels]));
  for (const { name, type } of await createRegistry().getMetricsAsJSON()) {
    const ends = String(type) === 'histogram' ? ['', '_bucket', '_sum', '_count'] : [''];
    for (const end of ends) known.set(`${name}${end}`, { kind: 'open', type: 'open', le: 'open' });
  }
  return known;
}

/** Finds what is wrong with the metrics that `text` uses: an unknown name, label or value of a label. */
function faults(text: string, known: Awaited<ReturnType<typeof catalogue>>): string[] {
  const found: string[] = [];
  const labelsUsed = new Set<string>(ADDED);
  for (const [use, name = '', , matchers = ''] of text.matchAll(
    /\b((gavel|process|nodejs)_[a-z0-9_]+)(?:\{([^{}]*)\})?/g,
  )) {
    const labels = known.get(name);
    if (labels === undefined) found.push(`${use}: no such metric`);
    for (const label of Object.keys(labels ?? {})) labelsUsed.add(label);
    for (const matcher of matchers.split(',').filter((part) => part.trim() !== '')) {
      const [, label = '', operator, value = ''] =
        /^\s*(\w+)\s*(?:(=~|!~|!=|=)\s*"([^"]*)")?\s*$/.exec(matcher) ?? [];
      const values = labels?.[label];
      if (values === undefined && !ADDED.includes(label)) found.push(`${use}: no such label`);
      if (operator === '=' && Array.isArray(values) && !values.includes(value))
        found.push(`${use}: no such value`);
    }
  }
  for (const [use, , names = ''] of text.matchAll(/\b(by|without) *\(([^)]*)\)/g)) {
    for (const label of names.split(','))
      if (!labelsUsed.has(label.trim())) found.push(`${use}: no such label`);
  }
  return found;
}

/** Finds the queries of a dashboard or of rules, at any depth. */
function queriesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === 'expr' && typeof item === 'string' ? [item] : queriesOf(item),
  );
}

test.each(['alerts.yaml', 'grafana-dashboard.json'])('%s speaks only of metrics that exist', async (file) => {
  const known = await catalogue();
  const text = await readFile(join(ops, file), 'utf8');
  const queries = queriesOf(parse(text));
  expect(queries.flatMap((query) => faults(query, known))).toEqual([]);
  const names = new Set(text.match(/\b(gavel|process|nodejs)_[a-z0-9_]+/g));
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
  expect(names.size).toBeGreaterThan(8);
});

test('the docs speak only of metrics and labels that exist', async () => {
  const known = await catalogue();
  const pages = (await readdir(join(root, 'docs'), { recursive: true })).filter((page) =>
    page.endsWith('.md'),
  );
  let uses = 0;
  for (const page of pages) {
    const text = await readFile(join(root, 'docs', page), 'utf8');
    // `gavel_a_{b,c}_d{label}` stands for two metrics.
    const plain = text.replace(/(\bgavel_\w+_)\{([a-z,]+)\}(\w+(?:\{[^{}]*\})?)/g, (_, head, parts, tail) =>
      parts
        .split(',')
        .map((part: string) => `${head}${part}${tail}`)
        .join(' '),
    );
    const quoted = [...plain.matchAll(/`[^`\n]*\bgavel_[^`\n]*`/g)].map(([use]) => use);
    uses += quoted.length;
    expect(
      quoted.flatMap((use) => faults(use, known)),
      page,
    ).toEqual([]);
  }
  expect(uses).toBeGreaterThan(30);
});

test('a wrong name, label or value is found', async () => {
  const known = await catalogue();
  expect(faults('sum by (mode) (gavel_quote_sent_total{mode="local",instance=~"$i"})', known)).toEqual([]);
  expect(faults('gavel_quotes_sent_total', known)).toHaveLength(1);
  expect(faults('gavel_quote_sent_total{kind="local"}', known)).toHaveLength(1);
  expect(faults('gavel_quote_sent_total{mode="loud"}', known)).toHaveLength(1);
  expect(faults('sum by (kind) (gavel_quote_sent_total)', known)).toHaveLength(1);
});

test('metrics are named by the rules: base units, no unit twice, counters alone end in _total, and help', () => {
  expect(counters.length).toBeGreaterThan(20);
  for (const [name] of counters) {
    expect(name).toMatch(/^gavel_[a-z][a-z0-9_]*_total$/);
    expect(name).not.toMatch(/_total_total$|_ms_|_milliseconds|_minutes|_hours|_kilobytes|__/);
  }
  for (const [name] of gauges) {
    expect(name).toMatch(/^gavel_[a-z][a-z0-9_]*$/);
    expect(name).not.toMatch(/_total$|_count$|_ms$|_milliseconds$|_minutes$|_hours$|_kb$|__/);
    if (/_(age|delay|lag|latency|skew)(_|$)/.test(name)) expect(name).toMatch(/_seconds$/);
  }
  for (const [, { help, labels = {} }] of [...counters, ...gauges]) {
    expect(help).toMatch(/^\S.{8,}[.;].*$|^\S.{8,}\.$/);
    for (const label of Object.keys(labels)) expect(label).toMatch(/^[a-z][a-z0-9_]*$/);
  }
});

test('every alert says what it is about, how urgent it is, and what to do', async () => {
  const { groups } = parse(await readFile(join(ops, 'alerts.yaml'), 'utf8')) as {
    groups: { rules: Record<string, unknown>[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(10);
  const guide = await readFile(join(root, 'docs', 'how-to', 'operate-a-node.md'), 'utf8');
  for (const rule of rules) {
    expect(rule).toMatchObject({
      alert: expect.stringMatching(/^Gavel[A-Za-z]+$/),
      expr: expect.any(String),
      labels: { severity: expect.stringMatching(/^(page|ticket)$/) },
      annotations: { summary: expect.any(String), description: expect.any(String) },
    });
  }
  for (const name of guide.match(/\bGavel[A-Z][A-Za-z]+/g) ?? []) {
    expect(rules.map(({ alert }) => alert)).toContain(name);
  }
});

test('an alert that an amount of one token on one chain is low asks whether there was some before', async () => {
  const { groups } = parse(await readFile(join(ops, 'alerts.yaml'), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[];
  };
  // Money on one chain only is a usual set-up: places that never had any must not raise alerts for ever.
  const alone = groups
    .flatMap(({ rules }) => rules)
    .filter(({ expr }) => /gavel_inventory_\w+_tokens\S* (==|<)/.test(expr) && !/\bsum by/.test(expr));
  expect(alone.map(({ alert }) => alert)).toEqual([
    'GavelInventoryLow',
    'GavelBondExhausted',
    'GavelGasLow',
    'GavelSpendingLimitReached',
  ]);
  for (const { expr } of alone) {
    const [selector = ''] = /gavel_inventory_\w+_tokens(\{[^}]*\})?/.exec(expr) ?? [];
    expect(expr).toContain(` and max_over_time(${selector}[1d]) > 0`);
  }
});

test('the image installs the packed node and every package of ours that it depends on, and starts its command', async () => {
  const text = await readFile(join(ops, 'Dockerfile'), 'utf8');
  const copied = [...text.matchAll(/gavel-([a-z-]+)-\*\.tgz/g)].map(([, name]) => `@gavel/${name}`);
  expect(copied.toSorted()).toEqual([...(await withDependencies('node'))].toSorted());
  const [, command = ''] = /ENTRYPOINT \["\/app\/node_modules\/\.bin\/([^"]+)"\]/.exec(text) ?? [];
  expect(Object.keys((await manifest('node')).bin ?? {})).toContain(command);
});

type Manifest = { name: string; bin?: Record<string, string>; dependencies?: Record<string, string> };

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8'));
}

/** Returns the name of a package of ours and of those of ours that it depends on, however indirectly. */
async function withDependencies(folder: string): Promise<Set<string>> {
  const folders: Record<string, string> = {
    '@gavel/abi': 'contracts/abi',
    '@gavel/deploy': 'contracts/deploy',
  };
  const { name, dependencies = {} } = await manifest(folder);
  const ours = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@gavel/'));
  const found = ours.map((dependency) =>
    withDependencies(folders[dependency] ?? dependency.replace('@gavel/', '')),
  );
  return new Set([name, ...(await Promise.all(found)).flatMap((names) => [...names])]);
}

test('the unit starts what is there, and is not started again by what a restart does not help', async () => {
  const text = await readFile(join(ops, 'gavel.service'), 'utf8');
  const starts = [...text.matchAll(/^Exec\w+=(.*)$/gm)].map(([, command = '']) => command.split(' '));
  expect(starts).toHaveLength(2);
  const commands = Object.keys((await manifest('node')).bin ?? {});
  for (const [program = ''] of starts) {
    const [, command = ''] = /^\/opt\/gavel\/node_modules\/\.bin\/(.+)$/.exec(program) ?? [];
    expect(commands).toContain(command);
  }
  expect(text).toContain('RestartPreventExitStatus=2 4');
  const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]);
  expect(stop).toBeGreaterThan(30);
});
