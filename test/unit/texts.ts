import fc from 'fast-check';

/** Characters that mean something to a log, a workflow command, Markdown, a list or a resource ID. */
const CHARACTERS =
  '\u0000\t\n\r\u0085\u00a0\u2028\ufeff :#[]|<>/=,.-_~*+!$%&`"\'\\@(){}^;?01aBZvézß😀\ud800';

/** Texts made to hurt: short, and full of characters that mean something somewhere. */
export const nastyText = fc.string({ unit: fc.constantFrom(...CHARACTERS), maxLength: 24 });
