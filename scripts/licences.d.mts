/** As much of package-lock.json as is read. */
interface Lock {
  packages: Record<string, { version?: string | undefined; license?: string | undefined; dev?: boolean | undefined }>;
}
export const ALLOWED: readonly string[];
export function productionPackages(lock: Lock): Map<string, string | null>;
export function isAllowed(expression: unknown): boolean;
export function faultsOf(lock: Lock): string[];
export function licencesDocument(lock: Lock): string;
