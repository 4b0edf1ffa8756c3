/**
 * A refusal in MLflow's form: a status and `{error_code, message, sqlstate, error_class}`.
 * Source: `mlflow/exceptions.py` and `mlflow/error_classification.py` of MLflow 3.17, and recorded answers.
 */
export class MlflowError extends Error {
  readonly errorCode: MlflowErrorCode;

  constructor(errorCode: MlflowErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "MlflowError";
    this.errorCode = errorCode;
  }

  get status(): number {
    return KINDS[this.errorCode].status;
  }

  toJson(): Readonly<Record<string, string>> {
    const { sqlstate, errorClass } = KINDS[this.errorCode];
    return { error_code: this.errorCode, message: this.message, sqlstate, error_class: errorClass };
  }
}

const KINDS = {
  BAD_REQUEST: { status: 400, sqlstate: "KAM00", errorClass: "INVALID_PARAMETER_VALUE" },
  INVALID_PARAMETER_VALUE: { status: 400, sqlstate: "KAM00", errorClass: "INVALID_PARAMETER_VALUE" },
  RESOURCE_ALREADY_EXISTS: { status: 400, sqlstate: "KAM00", errorClass: "RESOURCE_ALREADY_EXISTS" },
  PERMISSION_DENIED: { status: 403, sqlstate: "KAM00", errorClass: "PERMISSION_DENIED" },
  RESOURCE_DOES_NOT_EXIST: { status: 404, sqlstate: "KAM00", errorClass: "RESOURCE_NOT_FOUND" },
  ENDPOINT_NOT_FOUND: { status: 404, sqlstate: "KAM00", errorClass: "RESOURCE_NOT_FOUND" },
  INVALID_STATE: { status: 500, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
  INTERNAL_ERROR: { status: 500, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
  TEMPORARILY_UNAVAILABLE: { status: 503, sqlstate: "XXM00", errorClass: "CLIENT_INTERNAL_ERROR" },
} as const;

export type MlflowErrorCode = keyof typeof KINDS;

export function invalid(message: string): MlflowError {
  return new MlflowError("INVALID_PARAMETER_VALUE", message);
}

export function missing(message: string): MlflowError {
  return new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
}
