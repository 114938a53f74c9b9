// The planner's search: one POST whose answer is a stream of events; closing it stops the search.

import type { Finding } from './findings.ts';
import type { Position } from './geodesy.ts';
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

export interface Found {
  plan: { geometry: { coordinates: Position[] }; properties: Record<string, unknown> };
  value: number;
  total_value: number;
  length_km: number;
  seconds: number;
  bound: number | null;
  gap: number | null;
  history?: Moment[];
  notes?: string[];
  findings: Finding[];
  ignored?: unknown[];
}

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
  const ignored = found.ignored?.length ? word('ignored', { n: found.ignored.length }) : '';
  return [head, proven, ignored, ...(found.notes ?? [])].filter(Boolean).join(' ');
}
