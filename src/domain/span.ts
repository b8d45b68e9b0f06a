/** A length of time as people write it: `90d`, `12w`, `6mo`, `2y`. Months and years go by the calendar. */
export interface Span {
  readonly amount: number;
  readonly unit: 'd' | 'w' | 'mo' | 'y';
}

const SPAN = /^(\d{1,4})\s*(d|w|mo|y)$/i;

/** Reads a span; `undefined` when the text is none. */
export function parseSpan(text: string): Span | undefined {
  const [, amount = '', unit = ''] = SPAN.exec(text.trim()) ?? [];
  return unit ? { amount: Number(amount), unit: unit.toLowerCase() as Span['unit'] } : undefined;
}

/** As the user writes it: `30d`. */
export const formatSpan = ({ amount, unit }: Span): string => `${amount}${unit}`;

/** The moment so long before another, UTC: `6mo` before 31 August is the end of February. */
export function earlierBy({ amount, unit }: Span, moment: Date): Date {
  const date = new Date(moment);
  if (unit === 'd' || unit === 'w') {
    date.setUTCDate(date.getUTCDate() - amount * (unit === 'w' ? 7 : 1));
    return date;
  }
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - amount * (unit === 'y' ? 12 : 1));
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date;
}

/** The moment so long after another, UTC: `6mo` after 31 August is the end of February. */
export const laterBy = ({ amount, unit }: Span, moment: Date): Date =>
  earlierBy({ amount: -amount, unit }, moment);
