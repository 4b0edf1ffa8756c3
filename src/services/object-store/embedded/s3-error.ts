/**
 * An answer of S3 that says no: its code, HTTP status and words (Amazon S3 API reference, "Error responses").
 * Clients act on code and status; the message is for people.
 */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  /** Further elements of the error document (`BucketName`, `Key`, `UploadId`, …). */
  readonly details: Readonly<Record<string, string>>;
  /** Further headers of the answer. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: S3ErrorCode,
    options: {
      readonly message?: string | undefined;
      readonly details?: Readonly<Record<string, string>> | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const [status, message] = CODES[code];
    super(options.message ?? message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "S3Error";
    this.code = code;
    this.status = status;
    this.details = options.details ?? {};
    this.headers = options.headers ?? {};
  }
}

export type S3ErrorCode = keyof typeof CODES;

const CODES = {
  AccessControlListNotSupported: [400, "This store has no access control lists: only its keys open it."],
  AccessDenied: [403, "Access denied."],
  AuthorizationHeaderMalformed: [400, "The authorization header is malformed."],
  AuthorizationQueryParametersError: [400, "The query parameters of the signature are malformed."],
  BadDigest: [400, "The checksum that was sent is not that of the data that arrived."],
  BucketAlreadyOwnedByYou: [409, "You already have a bucket of this name."],
  BucketNotEmpty: [409, "The bucket still holds objects."],
  EntityTooLarge: [400, "The object is larger than one upload may be (5 GiB): upload it in parts."],
  EntityTooSmall: [400, "A part that is not the last one is smaller than 5 MiB."],
  IncompleteBody: [400, "Fewer bytes arrived than were announced."],
  /** Not one of Amazon's: its disks do not fill up. 507 is the status of RFC 4918 for this, and no SDK retries it. */
  InsufficientStorage: [507, "The disk of the object store is full: nothing was written."],
  InternalError: [500, "The object store met an error of its own."],
  InvalidAccessKeyId: [403, "This access key is not the object store's."],
  InvalidArgument: [400, "An argument is not valid."],
  InvalidBucketName: [400, "This is no valid name for a bucket."],
  InvalidDigest: [400, "The Content-MD5 that was sent is no MD5."],
  InvalidPart: [400, "A part was not found, or its ETag is not the one that was given."],
  InvalidPartOrder: [400, "The parts are not in ascending order."],
  InvalidRange: [416, "The object has no bytes in this range."],
  InvalidRequest: [400, "The request is not valid."],
  InvalidStorageClass: [400, "This store has one storage class: STANDARD."],
  InvalidURI: [400, "The address could not be read."],
  KeyTooLongError: [400, "The key is longer than 1024 bytes."],
  MalformedXML: [400, "The XML of the request is not well-formed, or not what this call takes."],
  MetadataTooLarge: [400, "The user metadata is larger than 2048 bytes."],
  MethodNotAllowed: [405, "This method is not allowed on this resource."],
  MissingContentLength: [411, "The Content-Length header is missing."],
  MissingRequestBodyError: [400, "The request's body is empty."],
  NoSuchBucket: [404, "There is no bucket of this name."],
  NoSuchBucketPolicy: [404, "The bucket has no policy."],
  NoSuchCORSConfiguration: [404, "The bucket has no CORS configuration."],
  NoSuchKey: [404, "There is no object of this key."],
  NoSuchLifecycleConfiguration: [404, "The bucket has no lifecycle configuration."],
  NoSuchPublicAccessBlockConfiguration: [404, "The bucket has no public access block."],
  NoSuchTagSet: [404, "The bucket has no tags."],
  NoSuchUpload: [404, "There is no upload of this id: it was completed, aborted or never begun."],
  NoSuchVersion: [404, "There is no such version: this store keeps none."],
  NoSuchWebsiteConfiguration: [404, "The bucket has no website configuration."],
  NotImplemented: [501, "This part of S3 is not served here."],
  NotModified: [304, "Not modified."],
  ObjectLockConfigurationNotFoundError: [404, "The bucket has no object lock."],
  OwnershipControlsNotFoundError: [404, "The bucket has no ownership controls."],
  PreconditionFailed: [412, "A condition of the request does not hold."],
  ReplicationConfigurationNotFoundError: [404, "The bucket is not replicated."],
  RequestTimeTooSkewed: [403, "The request's time differs from the store's by more than 15 minutes."],
  RequestTimeout: [400, "The connection ended before the body had arrived."],
  ServerSideEncryptionConfigurationNotFoundError: [404, "The bucket has no encryption."],
  SignatureDoesNotMatch: [403, "The signature is not the one that this request and the secret key give."],
  XAmzContentSHA256Mismatch: [400, "The x-amz-content-sha256 that was sent is not that of the body."],
} as const satisfies Record<string, readonly [status: number, message: string]>;
