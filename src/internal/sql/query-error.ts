/** An error of one query. */
export class QueryError extends Error {
  constructor(
    readonly query: { readonly name: string },
    override readonly cause: unknown,
  ) {
    super(`the query ${query.name} failed`);
  }
}
