import type { SQSEvent } from 'aws-lambda';

/** What AWS Lambda gives a function for messages of its queue, each received for the first time. */
export function sqsEvent(bodies: readonly unknown[], sentAt?: Date): SQSEvent {
  const Records = bodies.map((body, at) => ({
    messageId: String(at + 1),
    receiptHandle: String(at + 1),
    body: JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: '1',
      ...(sentAt !== undefined && { SentTimestamp: String(sentAt.getTime()) }),
    },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
  }));
  return { Records } as unknown as SQSEvent;
}
