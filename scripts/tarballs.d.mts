export const INSTALLS: Record<string, string[]>;
export function packAll(folder: string): Promise<Record<string, string>>;
