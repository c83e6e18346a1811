/** One warehouse or a list of them, as a caller sent it. */
export type Warehouses = string | readonly string[];

/** As a list; undefined is all warehouses. */
export function warehouseList(given: Warehouses | undefined): readonly string[] | undefined {
  return typeof given === 'string' ? [given] : given;
}
