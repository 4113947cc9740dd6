export const COLUMNS: number;
export const ROWS: number;
export function castOf(
  command: string,
  events: readonly (readonly [seconds: number, text: string])[],
  places?: readonly (readonly [path: string, name: string])[],
): string;
export function filmOf(cast: string): { svg: string; seconds: number };
export function pictureOf(command: string, text: string): string;
