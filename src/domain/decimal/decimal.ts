/** Exact decimals. The rules of the domain import them from here; the simulator computes with the same ones. */
export * from '@plumbline/primitives/decimal';
