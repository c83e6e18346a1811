import { type Expressions, padded } from './expressions.js';

export const STORERS = ['ACME', 'ACME', 'ACME', 'GLOBEX', 'NORDWIND', 'TOKYO1'];

export const SKUS = Array.from({ length: 120 }, (_, at) => {
  const color = ['BLK', 'WHT', 'RED', 'NAT'][at % 4] ?? 'BLK';
  return `A${10_023 + at * 17}-${color}-${at % 3 === 0 ? 'M' : 'XL'}`;
});

export const COMPANIES = [
  'Nordwind Handels GmbH',
  'Müller & Söhne KG',
  "O'Brien Supplies Ltd",
  'Société Générale de Bois',
  '東京商事株式会社',
  'Łódź Tekstylia Sp. z o.o.',
  'Acme "Best Price" Inc.',
];

export const CITIES = ['Hamburg', 'Köln', 'Dublin', 'Lyon', '東京', 'Łódź', 'Austin'];
export const COUNTRIES = ['DE', 'DE', 'IE', 'FR', 'JP', 'PL', 'US'];
export const CARRIERS = ['DHL', 'UPS', 'DPD', 'FEDEX', 'SCHENKER'];

/** Free text with everything that breaks a careless reader: quotes, breaks, tabs, emoji. */
export const NOTES = [
  'Deliver before noon.',
  'Grüße – bitte vor 12 Uhr anliefern; Rampe 7',
  'Fragile: "this side up"\nCall +49 40 123456 on arrival',
  'Column A\tColumn B, then a comma',
  'C:\\labels\\zebra.zpl',
  '納品は午前中にお願いします 🚚',
  ' ',
  '',
];

/** A storage location such as `B07-12-03`. */
export function location(e: Expressions, row = 'i'): string {
  const aisle = e.oneOf(['A', 'B', 'C', 'D'], row);
  const part = (most: number) => padded(`1 + ${e.dice(most, row)}`, 2);
  return `${aisle} || ${part(20)} || '-' || ${part(30)} || '-' || ${part(5)}`;
}
