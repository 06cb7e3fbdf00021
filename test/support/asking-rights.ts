/** What the role of every gate in a service may do, beside what its own service needs. */
export const ASKING_RIGHTS = [
  'Allow dynamodb:GetItem TrustRegister',
  'Allow dynamodb:GetItem TrustPolicies',
  'Allow dynamodb:Query TrustBreakGlass',
  'Allow sqs:SendMessage TrustBreakGlassMessages',
  'Allow kms:DescribeKey TrustSigningKey',
  'Allow kms:GetPublicKey TrustSigningKey',
  'Allow sns:Publish TrustAlertsTopic',
  'Allow kms:Decrypt TrustAlertsKey',
  'Allow kms:GenerateDataKey TrustAlertsKey',
];
