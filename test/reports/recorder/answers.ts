import { Answer } from './fault-registry';

/** An error in the shape of the distribution specification, with the words of ECR. */
function ecr(status: number, code: string, message: string): Answer {
  return { status, type: 'application/json', body: JSON.stringify({ errors: [{ code, message }] }) };
}

const REPOSITORY = 'arn:aws:ecr:us-east-1:000000000000:repository/team/clean';
const SCANNER = 'arn:aws:sts::000000000000:assumed-role/scanner/scan';

export const NOT_AUTHENTICATED: Answer = {
  status: 401,
  type: 'text/plain',
  body: 'Not Authorized\n',
  headers: {
    'www-authenticate':
      'Basic realm="https://000000000000.dkr.ecr.us-east-1.amazonaws.com/",service="ecr.amazonaws.com"',
  },
};

export const NOT_PERMITTED = ecr(
  403,
  'DENIED',
  `User: ${SCANNER} is not authorized to perform: ecr:BatchGetImage on resource: ${REPOSITORY}` +
    ' because no identity-based policy allows the ecr:BatchGetImage action',
);
export const TOKEN_EXPIRED = ecr(
  403,
  'DENIED',
  'Your authorization token has expired. Reauthenticate and try again.',
);
export const NO_MANIFEST = ecr(404, 'MANIFEST_UNKNOWN', 'Requested image not found');
export const NO_REPOSITORY = ecr(
  404,
  'NAME_UNKNOWN',
  "The repository with name 'team/clean' does not exist in the registry with id '000000000000'",
);
export const THROTTLED = ecr(429, 'TOOMANYREQUESTS', 'Rate exceeded');
export const SERVER_ERROR = ecr(500, 'UNKNOWN', 'Internal server error');
export const UNAVAILABLE: Answer = {
  status: 503,
  type: 'text/html',
  body: '<html><body><b>Http/1.1 Service Unavailable</b></body></html>',
};

/** What S3, to which ECR redirects for blobs, says to a network that may reach only other buckets. */
export const BLOB_NOT_PERMITTED: Answer = {
  status: 403,
  type: 'application/xml',
  body: '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>',
};
