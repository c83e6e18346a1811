import type { LakeColumn } from '../types.js';

const DECIMALS = new Set(
  `QTY UOMQTY TAREWGT NETWGT GROSSWGT STANDARD ESTLABORSTD OPTQTYLOCMINIMUM OPTQTYLOCLIMIT
   PAID ORIGINALPAID CONTAINERQTY OPENQTY QTYEXPECTED QTYADJUSTED QTYRECEIVED QTYREJECTED
   CASECNT INNERPACK PALLET CUBE UNITPRICE EXTENDEDPRICE ORIGINALQTY SHIPPEDQTY ADJUSTEDQTY
   QTYPREALLOCATED QTYALLOCATED QTYPICKED TAX01 TAX02`.split(/\s+/),
);

const INTEGERS = new Set(
  'SERIALKEY SEQNO MAXNUMPERCLUSTERCARTON OPTTASKSEQUENCE STEPNUMBER RUNSEQUENCE'.split(' '),
);

const DATES = /(DATE|TIME)$|^(LOTTABLE(04|05|11|12)|DATERECEIVED|EXT_UDF_DATE\d+)$/;

/**
 * Columns from a list of names: WMS naming tells the kind of most of them
 * (…DATE and …TIME are dates, quantities, weights and prices are decimals).
 * `LOTTABLE01-12` stands for the twelve names.
 */
export function wmsColumns(names: string): LakeColumn[] {
  return names
    .trim()
    .split(/[\s,]+/)
    .flatMap(expandRange)
    .map((name) => ({ name, type: typeOf(name) }));
}

function typeOf(name: string): LakeColumn['type'] {
  if (INTEGERS.has(name)) return 'integer';
  if (DECIMALS.has(name) || /^EXT_UDF_FLOAT\d+$/.test(name)) return 'decimal';
  return DATES.test(name) ? 'timestamp' : 'text';
}

function expandRange(name: string): string[] {
  const range = /^(?<stem>.*?)(?<first>\d+)-(?<last>\d+)$/.exec(name)?.groups;
  if (range === undefined) return [name];
  const { stem = '', first = '', last = '' } = range;
  const count = Number(last) - Number(first) + 1;
  return Array.from(
    { length: count },
    (_, at) => stem + String(Number(first) + at).padStart(first.length, '0'),
  );
}
