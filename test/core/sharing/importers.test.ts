import { Limit } from '../../../src/core/limits';
import {
  IMPORTER_RESOURCE,
  importerLines,
  ImporterNote,
  NO_IMPORTERS,
  noteOf,
  placesElsewhere,
  whyKept,
  whyUnknown,
  withNote,
  type Importers,
} from '../../../src/core/sharing/importers';

const stack = (name: string) =>
  `arn:aws:cloudformation:eu-west-1:222222222222:stack/${name}/6f1c7a10-0000-11f1-8000-0a1b2c3d4e5f`;
const GUARD = { StackId: stack('Platform'), LogicalResourceId: 'TrustPublishedImporters1A2B3C4D' };
const [MONDAY, TUESDAY, WEDNESDAY] = ['2026-11-23', '2026-11-24', '2026-11-25'].map(
  day => new Date(`${day}T12:00:00Z`),
) as [Date, Date, Date];
const note = (name: string, isGone?: true): ImporterNote => ({
  version: 1,
  importer: stack(name),
  ...(isGone && { isGone }),
});
const noted = (...notes: readonly (readonly [ImporterNote, Date])[]) =>
  notes.reduce((importers: Importers, [each, sentAt]) => withNote(importers, each, sentAt), NO_IMPORTERS);

test('each stack is listed once, with the day on which it was deployed last, until it is gone', () => {
  const both = noted([note('Web'), MONDAY], [note('Jobs'), MONDAY], [note('Web'), TUESDAY]);
  expect(importerLines(both)).toEqual([
    'Jobs in 222222222222.eu-west-1, deployed last on 2026-11-23',
    'Web in 222222222222.eu-west-1, deployed last on 2026-11-24',
  ]);
  expect(importerLines(withNote(both, note('Web', true), WEDNESDAY))).toHaveLength(1);
  expect(withNote(NO_IMPORTERS, note('Web', true), WEDNESDAY)).toEqual(NO_IMPORTERS);
});

test('other places where it is imported are listed once, without its own', () => {
  const both = noted([note('Web'), MONDAY], [note('Jobs'), MONDAY]);
  expect(placesElsewhere(both, { account: '111122223333', region: 'eu-west-1' })).toEqual([
    '222222222222.eu-west-1',
  ]);
  expect(placesElsewhere(both, { account: '222222222222', region: 'us-east-1' })).toEqual([
    '222222222222.eu-west-1',
  ]);
  expect(placesElsewhere(both, { account: '222222222222', region: 'eu-west-1' })).toEqual([]);
  expect(placesElsewhere(NO_IMPORTERS, { account: '222222222222', region: 'eu-west-1' })).toEqual([]);
});

test('a note that comes late changes nothing (rule 4.1, messages are hints)', () => {
  const importers = noted([note('Web'), TUESDAY]);
  expect(withNote(importers, note('Web', true), MONDAY)).toEqual(importers);
  expect(withNote(importers, note('Web'), MONDAY)).toEqual(importers);
});

test('the row has a limit, and those that were heard of last stay (rule 5.6, limits)', () => {
  const many = Array.from({ length: Limit.importers }, (_, index) => [note(`Web${index}`), TUESDAY] as const);
  const full = noted([note('Old'), MONDAY], ...many);
  expect(Object.keys(full.stacks)).toHaveLength(Limit.importers);
  expect(full.stacks[stack('Old')]).toBeUndefined();
});

test.each(['Create', 'Update'] as const)(
  'a %s of any resource says that the stack of its gate asks',
  RequestType => {
    const event = { RequestType, ResourceType: 'Custom::TrustedImage' };
    expect(ImporterNote.parse(noteOf(event, stack('Web')))).toEqual(note('Web'));
  },
);

test('only the deletion of the resource of the stack says that it no longer asks: an image may be one of several', () => {
  const gone = (ResourceType: string) => noteOf({ RequestType: 'Delete', ResourceType }, stack('Web'));
  expect(gone(IMPORTER_RESOURCE)).toEqual(note('Web', true));
  expect(gone('Custom::TrustedImage')).toBeUndefined();
});

test.each([
  'Web',
  `${stack('Web')}\nForged`,
  stack('a'.repeat(200)),
  stack('Web').replace('222222222222', '2'),
])('the note of %j is refused', importer => {
  expect(ImporterNote.safeParse({ version: 1, importer }).success).toBe(false);
});

describe('the refusal', () => {
  test('names who imports the trust, what to do first, and the way past it', () => {
    expect(whyKept(noted([note('Web'), MONDAY]), GUARD)).toBe(
      'stacks of other apps import this trust, and their deployments are refused without it: Web in 222222222222.eu-west-1, deployed last on 2026-11-23. Delete these stacks first, or deploy them without this trust. To delete the trust all the same: aws cloudformation delete-stack --stack-name Platform --retain-resources TrustPublishedImporters1A2B3C4D',
    );
  });

  test('names five of many', () => {
    const many = Array.from({ length: 7 }, (_, index) => [note(`Web${index}`), MONDAY] as const);
    expect(whyKept(noted(...many), GUARD)).toContain('; and 2 more. Delete these stacks first');
  });

  test('is none if nobody imports the trust', () => expect(whyKept(NO_IMPORTERS, GUARD)).toBeUndefined());

  test('says that nobody knows, and the way past it', () => {
    expect(whyUnknown('AccessDenied: no', GUARD)).toMatch(
      /^which stacks import this trust cannot be read \(AccessDenied: no\)\. To delete .* --retain-resources TrustPublishedImporters1A2B3C4D$/,
    );
  });
});
