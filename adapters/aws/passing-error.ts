/** Not the message's fault, and over by itself (rule 4.7, backpressure and dead letters). */
export function isThrottling(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { $retryable, $metadata } = error as {
    $retryable?: { throttling?: boolean };
    $metadata?: { httpStatusCode?: number };
  };
  return (
    $retryable?.throttling === true ||
    /Throttl|TooManyRequests|SlowDown|ThroughputExceeded/.test(error.name) ||
    $metadata?.httpStatusCode === 429 ||
    ($metadata?.httpStatusCode ?? 0) >= 500
  );
}

const NETWORK =
  /^(?:TimeoutError|AbortError|ECONN\w+|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EPIPE|ETIMEDOUT|UND_ERR_\w+)$/;

/** Whether the same call may well succeed later: it was throttled, the service failed, or nobody answered. */
export function isPassing(error: unknown): error is Error {
  if (isThrottling(error)) return true;
  if (!(error instanceof Error)) return false;
  const { name, cause, code = '' } = error as Error & { readonly code?: string };
  return NETWORK.test(name) || NETWORK.test(code) || (cause !== undefined && isPassing(cause));
}
