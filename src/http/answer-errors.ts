import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { FailureError } from '../domain/failure/failure.js';
import type { Logger } from '../logging/logger.js';
import { RequestError } from './request-error.js';
import { failureDocument } from '../report/documents.js';

/** Answers errors in JSON with what to do. Internal errors are logged and not shown. */
export function answerErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof FailureError) {
      log.error({ url: pathOf(request), failure: error.failure }, error.message);
      return reply.code(503).send({ error: failureDocument(error.failure) });
    }
    if (error instanceof z.ZodError) return reply.code(400).send({ error: queryError(error) });
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof RequestError) {
      if (error.status === 503) log.error({ url: pathOf(request), error }, message);
      const { status, remedy, fields } = error;
      return reply.code(status).send({ error: { message, remedy, ...(fields !== null && { fields }) } });
    }
    if (isClientError(error)) {
      return reply.code(error.statusCode).send({ error: { message, remedy: REMEDIES[error.statusCode] ?? 'see /' } });
    }
    log.error({ url: pathOf(request), error }, message);
    return reply.code(500).send({ error: { message: 'a fault in Plumbline itself; see its log' } });
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({ error: { message: `there is no ${request.method} ${request.url}`, remedy: 'see /' } }),
  );
}

function queryError(error: z.ZodError) {
  const problems = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { message: `the query is wrong: ${problems.join('; ')}`, remedy: 'fix the query parameters' };
}

function isClientError(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}

const REMEDIES: Readonly<Record<number, string>> = {
  400: 'send valid JSON',
  413: 'send a shorter body',
  415: 'send JSON with the header Content-Type: application/json',
};

/** The path for the log, without the secret of a one-time link and without a token that was put there by mistake. */
function pathOf({ url, routeOptions }: FastifyRequest): string {
  return routeOptions.url === '/a/*' || url.startsWith('/a/') ? '/a/...' : url.replaceAll(/plb_[\w-]*/g, 'plb_...');
}
