import { foreignResource, type NamingBody } from '../../../../local/cloud/accounts/foreign-resource';

const TableName = 'arn:aws:dynamodb:us-east-1:111111111111:table/Grants';
const rowsOf = (body: Partial<NamingBody>) =>
  foreignResource('dynamodb', { TableName, ...body }, { region: 'us-east-1' })!.keys;
const values = { ':other': { S: 'b' }, ':key': { S: 'a' } };

test.each<[string, Partial<NamingBody>, object]>([
  ['a row that is read', { Key: { pk: { S: 'a' } } }, { 'dynamodb:leadingkeys': ['a'] }],
  [
    'rows that are queried',
    { KeyConditionExpression: 'pk = :key', ExpressionAttributeValues: values },
    { 'dynamodb:leadingkeys': ['a'] },
  ],
  [
    'rows that are queried by a value that is not given',
    { KeyConditionExpression: 'pk = :none', ExpressionAttributeValues: values },
    {},
  ],
  [
    'a query of another shape',
    { KeyConditionExpression: 'pk > :key', ExpressionAttributeValues: values },
    {},
  ],
  ['a scan', {}, {}],
])('the rows of a table that a call names: %s', (_what, body, rows) => {
  expect(rowsOf(body)).toEqual(rows);
});
