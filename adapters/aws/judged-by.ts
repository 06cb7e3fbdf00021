import type { Context } from 'aws-lambda';
import { owner } from './asked-trust';
import { homeOf } from './home';
import { EnvironmentName } from '../../src/core/environment';
import { Enrolment, type Judged } from '../../src/core/image/enrolment';
import { placeOf } from '../../src/core/image/image';

/**
 * Which images the trust judges that is asked. Of a trust of another app, the template may not know the
 * repositories.
 */
export function judgedBy(context: Pick<Context, 'invokedFunctionArn'>): Judged {
  return {
    home: owner === undefined ? homeOf(context) : placeOf(owner),
    enrolment: Enrolment.parse(JSON.parse(process.env[EnvironmentName.repositories] ?? '[]')),
  };
}
