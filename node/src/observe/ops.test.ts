import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { diskGauges } from '../api/disk-gauges.ts';
import { nodeGauges } from '../api/gauges.ts';
import type { NodeReader } from '../api/reader.ts';
import { endpointGauges } from '../chain/gauges.ts';
import { createRegistry } from './gauges.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const ops = join(root, 'node', 'ops');
// Names and help are there before anything is read.
const gauges = [...nodeGauges({} as NodeReader), ...endpointGauges(new Map()), ...diskGauges('')];

/** Finds every counter that the sources count, by the name that Prometheus shows. */
async function counterNames(): Promise<Set<string>> {
  const src = join(root, 'node', 'src');
  const files = (await readdir(src, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );
  const texts = await Promise.all(files.map((file) => readFile(join(src, file), 'utf8')));
  const found = texts.flatMap((text) => [...text.matchAll(/\bcount\(\s*'([a-z0-9_]+)'/g)]);
  return new Set(found.map(([, name]) => `gavel_${name}_total`));
}

async function used(file: string): Promise<string[]> {
  const text = await readFile(join(ops, file), 'utf8');
  return [...new Set(text.match(/\b(gavel|process|nodejs)_[a-z0-9_]+/g))];
}

test.each(['alerts.yaml', 'grafana-dashboard.json'])('%s speaks only of metrics that exist', async (file) => {
  const known = await counterNames();
  for (const { name } of gauges) known.add(name);
  for (const { name, type } of await createRegistry().getMetricsAsJSON()) {
    known.add(name);
    if (String(type) === 'histogram')
      for (const part of ['bucket', 'sum', 'count']) known.add(`${name}_${part}`);
  }
  const names = await used(file);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(8);
});

test('metrics are named by the rules: base units, no unit twice, counters alone end in _total, and help', async () => {
  const counters = await counterNames();
  expect(counters.size).toBeGreaterThan(20);
  for (const name of counters) {
    expect(name).toMatch(/^gavel_[a-z][a-z0-9_]*_total$/);
    expect(name).not.toMatch(/_total_total$|_ms_|_milliseconds|_minutes|_hours|_kilobytes|__/);
  }
  const names = gauges.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, help, labels = [] } of gauges) {
    expect(name).toMatch(/^gavel_[a-z][a-z0-9_]*$/);
    expect(name).not.toMatch(/_total$|_count$|_ms$|_milliseconds$|_minutes$|_hours$|_kb$|__/);
    if (/_(age|delay|lag|latency|skew)(_|$)/.test(name)) expect(name).toMatch(/_seconds$/);
    expect(help).toMatch(/^\S.{8,}[.;].*$|^\S.{8,}\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z0-9_]*$/);
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

test('the image copies what is there, and starts what is there', async () => {
  const lines = (await readFile(join(ops, 'Dockerfile'), 'utf8')).split('\n');
  const sources = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));
  expect(sources.length).toBeGreaterThan(8);
  for (const source of sources) await access(join(root, source));
  // Every file of ours that the node is started from or imports lies in one of them.
  for (const needed of ['node', 'protocol', 'solver-sdk', 'contracts/abi', 'contracts/package.json']) {
    expect(sources).toContain(needed);
  }
  const [, program = ''] = /ENTRYPOINT \["node", "\/app\/(.*)"\]/.exec(lines.join('\n')) ?? [];
  await access(join(root, program));
});

test('the unit starts what is there, and is not started again by what a restart does not help', async () => {
  const text = await readFile(join(ops, 'gavel.service'), 'utf8');
  const starts = [...text.matchAll(/^Exec\w+=(.*)$/gm)].map(([, command = '']) => command.split(' '));
  expect(starts).toHaveLength(2);
  for (const [, program = ''] of starts) await access(join(root, program.replace('/opt/gavel/', '')));
  expect(text).toContain('RestartPreventExitStatus=2 4');
  const stop = Number(/^TimeoutStopSec=(\d+)$/m.exec(text)?.[1]);
  expect(stop).toBeGreaterThan(30);
});
