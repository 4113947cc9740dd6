import { errorCode, isCertificateCode, isError } from '../../runtime/error-shape.js';
import { channelFailure } from '../channel-failure.js';
import type { FailureError } from '../../domain/failure/failure.js';

/** What nodemailer adds to its errors. */
interface SmtpError {
  message: string;
  /** nodemailer's own code, such as EAUTH; empty for other errors. */
  code: string;
  /** The code of the system or of TLS that was replaced by `code`, such as ECONNREFUSED. */
  originalCode: string | null;
  /** The server's reply code; null if the error is not a reply. */
  reply: number | null;
  command: string | null;
}

/** The settings that remedies name, as paths of the configuration. */
export interface MailSettings {
  address: string;
  from: string;
  to: string;
  tls: string;
  /** Password, or the setting that would hold it. */
  secret: string;
}

/**
 * The failure for an error of nodemailer. Its texts are not redacted. RFC 5321, 4.2.1: a reply of 4yz is transient, so the same
 * message may be sent again; a reply of 5yz is permanent.
 */
export function smtpFailure(error: unknown, settings: MailSettings): FailureError {
  const known = smtpError(error);
  const { message, reply, code } = known;
  if (reply !== null && reply < 500) {
    return channelFailure('maintenance', `it asks to try again later: ${message}`, 'wait; Plumbline tries again');
  }
  // Such as ERR_SSL_WRONG_VERSION_NUMBER: the server did not answer with TLS.
  if (known.originalCode?.startsWith('ERR_SSL_') === true) return notEncrypted(message, settings);
  if (isCertificateProblem(known)) {
    return channelFailure(
      'configuration',
      `its certificate is not accepted (${message})`,
      "renew it, or add its authority to NODE_EXTRA_CA_CERTS in this process's environment",
      { where: settings.address },
    );
  }
  switch (code) {
    case 'EAUTH':
      return channelFailure(
        'authentication',
        `it refused the login: ${message}`,
        `check username and the value that ${settings.secret} names; some providers want a password of its own for each program`,
        { where: settings.secret },
      );
    case 'ETLS':
      return notEncrypted(message, settings);
    case 'EENVELOPE':
    case 'EMESSAGE':
      return refused(known, settings);
    case 'ETIMEDOUT':
      return channelFailure('timeout', `it did not answer: ${message}`, `check ${settings.address}, port and network`);
    case 'EPROTOCOL':
      return channelFailure('unreadable', `it is no SMTP server: ${message}`, `check ${settings.address} and port`);
    default:
      return channelFailure(
        'network',
        `it could not be reached (${message})`,
        `check ${settings.address} and port, and that this machine may connect to them`,
      );
  }
}

function notEncrypted(message: string, { tls }: MailSettings): FailureError {
  return channelFailure(
    'configuration',
    `the connection cannot be encrypted: ${message}`,
    `check ${tls} and port: starttls (usually 587), or implicit where the server begins with TLS (usually 465)`,
    { where: tls },
  );
}

function refused({ message, reply, command }: SmtpError, settings: MailSettings): FailureError {
  const said = `it refused the message: ${message}`;
  // RFC 4954: 530 is "authentication required".
  if (reply === 530) {
    const remedy = `give username and ${settings.secret}: the server wants a login`;
    return channelFailure('authentication', said, remedy, { where: settings.secret });
  }
  // RFC 1870: above the size that the server accepts.
  if (reply === 552) return channelFailure('too_large', said, 'let the mailbox take messages of 20 KB');
  const where = command === 'MAIL FROM' ? settings.from : settings.to;
  return channelFailure('configuration', said, `check ${where}, and whether the server may send for it`, { where });
}

function isCertificateProblem({ originalCode, message }: SmtpError): boolean {
  return isCertificateCode(originalCode) || /certificate|altnames/i.test(message);
}

function smtpError(error: unknown): SmtpError {
  if (!isError(error)) return { message: String(error), code: '', originalCode: null, reply: null, command: null };
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(error));
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const { responseCode } = fields;
  return {
    message: error.message.replaceAll(/\s+/g, ' '),
    code: errorCode(error) ?? '',
    originalCode: text(fields['originalCode']),
    reply: typeof responseCode === 'number' ? responseCode : null,
    command: text(fields['command']),
  };
}
