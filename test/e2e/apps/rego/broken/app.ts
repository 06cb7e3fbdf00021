import { join } from 'node:path';
import { PolicyRule, RegoSource } from '../../../../../src';

PolicyRule.rego(RegoSource.fromFile(join(__dirname, 'broken.rego')));
