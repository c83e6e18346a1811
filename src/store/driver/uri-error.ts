import { mongo } from 'mongoose';
import type { Diagnosis } from './diagnosis.js';

/** Texts of the driver's parser about the form of the string; all others are about an option. */
const ABOUT_THE_FORM: readonly [RegExp, string][] = [
  [/cannot have port/i, 'an address that begins with mongodb+srv:// has no port'],
  [/multiple service names/i, 'an address that begins with mongodb+srv:// has one host only'],
  [/URI malformed/i, 'a % in it is not followed by two hexadecimal digits of a character'],
  [/^unable to parse|^invalid port/i, 'a host or port in it is not valid; ports are 1 to 65535'],
  [/^invalid (scheme|connection string)|host list/i, 'it is not a connection string'],
  [/userinfo/i, 'it has a password without a user'],
  [/\brecords?\b/i, 'the DNS record of its host is not that of a MongoDB cluster'],
];

/**
 * Diagnoses a connection string that the driver's parser refuses; undefined for any other error. The
 * parser quotes values, so only names of options are shown from its text.
 * @param isOpening the error was thrown while connecting, not by an operation
 */
export function diagnoseUriError(error: Error, isOpening: boolean): Diagnosis | undefined {
  const { MongoParseError, MongoMissingCredentialsError, MongoMissingDependencyError } = mongo;
  if (error instanceof URIError) return aboutForm(error.message);
  if (isOpening && isOfFile(error)) return UNREADABLE_FILE;
  if ('code' in error && error.code === 'EBADNAME') return BAD_NAME;
  if (error instanceof mongo.MongoRuntimeError && /^Unable to parse/.test(error.message)) {
    return aboutForm(error.message);
  }
  const isOfOptions =
    error instanceof MongoParseError ||
    // The parser of connection strings has a class of its own.
    error.name === 'MongoParseError' ||
    /^Optional module /.test(error.message) ||
    error instanceof MongoMissingCredentialsError ||
    error instanceof MongoMissingDependencyError ||
    (isOpening && isArgument(error)) ||
    (error instanceof mongo.MongoAPIError && /^URI option |compression mech/.test(error.message));
  // A DNS answer without addresses is not a fault of the string.
  if (/^No addresses found/.test(error.message)) return undefined;
  if (!isOfOptions) return undefined;
  return aboutForm(error.message) ?? aboutOption(error.message);
}

const invalidUri = (message: string): Diagnosis => ({
  code: 'MONGODB_URI_INVALID',
  message: `MONGODB_URI cannot be used: ${message}.`,
  details: [{ field: 'MONGODB_URI', message }],
});
const invalidOption = (message: string): Diagnosis => ({
  ...invalidUri(message),
  code: 'MONGODB_OPTION_INVALID',
});
const BAD_NAME = invalidUri('its host is not a valid DNS name');
const UNREADABLE_FILE = invalidOption('a file that one of its options names cannot be read');

/** An error of reading a certificate or key file; only the log names the file. */
function isOfFile(error: Error): boolean {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  return /^(open|read|stat)$/.test(syscall) && /^(ENOENT|EACCES|EPERM|EISDIR|ENOTDIR)$/.test(code);
}

/** Thrown by the parser for options, and by operations for misuse by this backend. */
function isArgument(error: Error): boolean {
  const isBare = error instanceof mongo.MongoAPIError && error.name === 'MongoAPIError';
  return error instanceof mongo.MongoInvalidArgumentError || isBare;
}

function aboutForm(text: string): Diagnosis | undefined {
  const message = ABOUT_THE_FORM.find(([pattern]) => pattern.test(text))?.[1];
  return message === undefined ? undefined : invalidUri(message);
}

function aboutOption(text: string): Diagnosis {
  return invalidOption(optionSentence(text));
}

function optionSentence(text: string): string {
  const unknown = /^options? ([\w, ]{1,200}) (?:is|are) not supported$/.exec(text)?.[1];
  if (unknown) return `the driver does not know the option ${unknown}`;
  if (/^authMechanism one of/.test(text)) return 'authMechanism names no known mechanism';
  // The words before a value, or without any quoted value.
  const [words = ''] = text.split(/,? \bgot\b|:/);
  const quoted = /(["'])(.*?)\1/g;
  const named = words.replace(quoted, (all, _, inner: string) => (/^\w+$/.test(inner) ? all : '…'));
  return named.replace(/\.$/, '');
}
