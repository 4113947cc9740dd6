/**
 * Mutants of one file that one set of tests is to notice.
 *
 * @param file path below the root
 * @param test pattern of the tests' paths
 * @returns a function of what a mutant changes, in words, and its edits: pairs of code and what replaces it
 */
export const mutant = (file, test) => (what, edits) => ({ what, file, edits, test });
