// The planner's search: one POST whose answer is a stream of events; closing it stops the search.

import type { PlanFeature } from './choose.ts';
import type { Finding } from './findings.ts';
import type { Moment } from './plots.ts';
import { problemOf, Refusal, send, word, type Problem } from './words.ts';

export interface Site {
  name: string;
  lon_deg: number;
  lat_deg: number;
  value: number;
  required?: boolean;
  group?: string;
  instrument?: string;
}

export interface Told {
  step: number;
  value: number;
  bound: number | null;
  gap: number | null;
}

interface Tried {
  aircraft: string;
  value?: number;
  length_km?: number;
  no_plan?: string;
  best: boolean;
}

export interface Found {
  plan: PlanFeature;
  value: number;
  total_value: number;
  length_km: number;
  seconds: number;
  bound: number | null;
  gap: number | null;
  history?: Moment[];
  notes?: string[];
  findings: Finding[];
  ignored?: { name: string; reason: string; hint?: string }[];
  ignored_counts?: Record<string, number>;
  required_missing?: string[];
  by_aircraft?: Tried[];
  transit_legs?: { from: string; to: string; km: number }[];
  taxi?: { owed_range_km: number | null; finding: Finding | null } | null;
}

const NAMED = 5; // of the sites that were left out for one reason

/** Search until the node has an answer; `progress` hears the best value and the bound so far, `started` gets the way to end early. */
export async function searchFor(body: unknown, signal: AbortSignal, progress: (told: Told) => void, started: (stop: () => void) => void): Promise<Found> {
  const answer = await fetch('/api/plans/optimise', {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    signal,
  });
  if (!answer.ok || !answer.body) throw new Refusal(await problemOf(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let kept = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Refusal({ code: 'no-answer', detail: 'no-answer' });
    kept += value;
    const events = kept.split('\n\n');
    kept = events.pop() ?? '';
    for (const event of events) {
      const name = /^event: (.*)$/m.exec(event)?.[1];
      const told: unknown = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null');
      if (name === 'started') started(() => void send(`/api/plans/optimise/${(told as { search: string }).search}/stop`, {}));
      if (name === 'progress') progress(told as Told);
      if (name === 'result') return told as Found;
      if (name === 'problem') throw new Refusal(told as Problem);
    }
  }
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** What was found, and what was proven of it. */
export function foundSentence(found: Found): string {
  const head = word('found', { value: round(found.value), total: round(found.total_value), km: Math.round(found.length_km), seconds: round(found.seconds) });
  const proven = found.bound !== null && found.gap !== null ? word('proven', { bound: round(found.bound), gap: (100 * found.gap).toFixed(1) }) : '';
  return [head, proven, ...(found.notes ?? [])].filter(Boolean).join(' ');
}

/** What else a planner wants to know of it: required sites, aircraft, ways in and out, the taxi option, sites left out and why. */
export function foundFacts(found: Found): string[] {
  const out = found.required_missing?.length ? [word('required-missing', { names: found.required_missing.slice(0, NAMED).join(', ') })] : [];
  for (const one of found.by_aircraft ?? []) {
    const numbers = { id: one.aircraft, value: round(one.value ?? 0), km: Math.round(one.length_km ?? 0), why: one.no_plan ?? '' };
    out.push(word(one.no_plan ? 'aircraft-none' : one.best ? 'aircraft-best' : 'aircraft-tried', numbers));
  }
  for (const leg of found.transit_legs ?? []) out.push(word('transit-leg', { a: leg.from, b: leg.to, km: Math.round(leg.km) }));
  if (found.taxi) out.push(found.taxi.owed_range_km === null ? word('taxi-none') : word('taxi-owed', { km: Math.round(found.taxi.owed_range_km) }));
  if (found.taxi?.finding) out.push(`${word(found.taxi.finding.verdict)}, ${found.taxi.finding.citation}: ${found.taxi.finding.because}`);
  for (const [reason, n] of Object.entries(found.ignored_counts ?? {})) {
    const names = (found.ignored ?? []).filter((one) => one.reason === reason).slice(0, NAMED).map((one) => one.name + (one.hint ? ` (${one.hint})` : ''));
    out.push(word(`ignored-${reason}`, { n, names: names.join(', ') + (n > NAMED ? ' …' : '') }));
  }
  return out;
}
