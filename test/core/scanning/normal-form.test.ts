import { ofOriginal, readNormalForm } from '../../../src/core/scanning/normal-form';
import { normalise } from '../../../src/core/scanning/normalise';
import { form, parsed, rawReport, recorded, REFERENCE, report, storedImage } from '../support/reports';

const asked = (name: string) => ({
  reference: `${REFERENCE}@${form(name).image}`,
  digest: form(name).image,
  configDigest: form(name).config,
});

describe('what the reader of images writes', () => {
  test('is read as it was written', () => {
    expect(readNormalForm(recorded('clean.form.json'))).toMatchObject({
      ok: true,
      value: { image: storedImage('clean').digest, config: storedImage('clean').manifest.config.digest },
    });
  });

  test('says why there is no normal form, in one visible line', () => {
    const refused = {
      version: 2,
      failure: { cause: 'UNSCANNABLE', detail: 'layer 1: is\n declared as gzip\u202e' },
    };
    expect(readNormalForm(JSON.stringify(refused))).toEqual({
      ok: false,
      error: { cause: 'UNSCANNABLE', detail: expect.stringMatching(/^layer 1: is {1,2}declared as gzip$/) },
    });
  });

  test.each([
    ['nothing', ''],
    ['half of it', recorded('clean.form.json').slice(0, 200)],
    ['another version', recorded('clean.form.json').replace('"version": 2', '"version": 1')],
    ['a cause that nobody knows', '{"version":2,"failure":{"cause":"FINE","detail":""}}'],
  ])('with %s in it is no form', (_, text) => {
    expect(readNormalForm(text)).toMatchObject({ ok: false, error: { cause: 'REPORT_INVALID' } });
  });
});

describe('rule 5.9, what was scanned is what runs: a report about a normal form', () => {
  test('is one about the image: by its name, its config and its layers', () => {
    const { Metadata, ArtifactName } = report('fixable-critical');
    expect(ArtifactName).toBe(`${REFERENCE}@${storedImage('fixable-critical').digest}`);
    expect(Metadata).toMatchObject({
      ImageID: storedImage('fixable-critical').manifest.config.digest,
      DiffIDs: storedImage('fixable-critical').config.rootfs.diff_ids,
    });
  });

  test('names in each finding the layer that a registry has', () => {
    const layers = (name: string) =>
      storedImage(name).manifest.layers.map(({ digest }: { digest: string }) => digest);
    expect(normalise(report('fixable-critical')).find(({ id }) => id === 'CVE-2021-44906')?.layer).toBe(
      layers('fixable-critical')[2],
    );
    expect(
      normalise(report('secret-deleted-later'))
        .filter(({ type }) => type === 'secret')
        .every(({ layer }) => layers('secret-deleted-later').includes(layer)),
    ).toBe(true);
  });

  test('names a file that no runtime shows by its own path, as the search for secrets found it', () => {
    const secrets = report('secret-deleted-later').Results?.filter(({ Class }) => Class === 'secret');
    expect(
      rawReport('secret-deleted-later').Results.map(({ Target }: { Target: string }) => Target),
    ).toContainEqual(expect.stringMatching(/^\/app\/~[0-9a-f]{16}\.1\.1\/~\.env~$/));
    expect(secrets?.map(({ Target }) => Target)).toContain('/app/.env');
  });

  test('has the diff_ids of the config, whatever order the layers of the form have: base images are known by them', () => {
    const { diffIds, layers } = form('secret-deleted-later');
    expect(layers.length).toBeGreaterThan(diffIds.length);
    expect(report('secret-deleted-later').Metadata.DiffIDs).toEqual(
      storedImage('secret-deleted-later').config.rootfs.diff_ids,
    );
  });

  test.each([
    [
      { name: 'app', uid: 0, line: 2 },
      { Name: 'app', Uid: 0, Line: 2 },
    ],
    [
      { name: 'app', unknown: 'no\u202e passwd' },
      { Name: 'app', Unknown: 'no passwd' },
    ],
    [undefined, undefined],
  ])('has what /etc/passwd of the image says of its user: %j', (user, UserEntry) => {
    const original = ofOriginal(
      parsed(rawReport('clean')),
      { ...form('clean'), ...(user !== undefined && { user }) },
      asked('clean'),
    );
    expect(original.ok && original.value.Metadata.ImageConfig.config?.UserEntry).toEqual(UserEntry);
    expect(original.ok && original.value.Metadata.ImageConfig.config?.User).toBe('65532:65532');
  });

  test('and a report of Trivy cannot say it', () => {
    const raw = rawReport('clean');
    raw.Metadata.ImageConfig.config = { User: 'app', UserEntry: { Name: 'app', Uid: 1000 } };
    expect(parsed(raw).Metadata.ImageConfig.config?.UserEntry).toBeUndefined();
  });

  describe('has the secrets that the reader found', () => {
    const of = (name: string, more: object) => {
      const original = ofOriginal(parsed(rawReport(name)), { ...form(name), ...more }, asked(name));
      if (!original.ok) throw new Error(original.error);
      return normalise(original.value)
        .filter(({ type }) => type === 'secret')
        .map(({ id, path, layer }) => [id, path, layer]);
    };
    const reference = `${REFERENCE}@${form('clean').image}`;
    const { digest } = form('clean').layers[0]!;

    test.each<[string, object, unknown[]]>([
      ['none', {}, []],
      ['none that it found', { secrets: [] }, []],
      [
        'in a file',
        { secrets: [{ path: 'app/k', rule: 'private-key', layer: digest }] },
        [['private-key', '/app/k', digest]],
      ],
      [
        'in the config',
        { secrets: [{ path: 'config', rule: 'github-pat' }] },
        [['github-pat', reference, undefined]],
      ],
      [
        'in the manifest',
        { secrets: [{ path: 'manifest', rule: 'github-pat' }] },
        [['github-pat', `${reference} (manifest)`, undefined]],
      ],
      [
        'by a rule that nobody knows',
        { secrets: [{ path: 'k', rule: 'other', layer: digest }] },
        [['other', '/k', digest]],
      ],
      ['more than are listed', { secrets: [], moreSecrets: 7 }, [['more-secrets', reference, undefined]]],
    ])('%s', (_, more, secrets) => expect(of('clean', more)).toEqual(secrets));

    test('but for those that Trivy reports itself', () => {
      const name = 'secret-deleted-later';
      const secret = (path: string, rule: string) => ({ path, rule, layer: form(name).layers[0]!.digest });
      const own = of(name, {});
      expect(of(name, { secrets: [secret('root/.ssh/id_rsa', 'private-key')] })).toEqual(own);
      expect(of(name, { secrets: [secret('root/.ssh/id_rsa', 'github-pat')] })).toHaveLength(own.length + 1);
      expect(of(name, { secrets: [secret('root/.ssh/id_dsa', 'private-key')] })).toHaveLength(own.length + 1);
    });
  });

  test('has the variables of container_config, which stand in the words of the author', () => {
    const raw = rawReport('clean');
    raw.Metadata.ImageConfig.author = 'me container_config ENV DB_PASSWORD=hunter2 # buildkit Env A=1';
    expect(parsed(raw).Results?.filter(({ Class }) => Class === 'secret')).toMatchObject([
      { Target: 'ENV DB_PASSWORD', Secrets: [{ RuleID: 'secret-variable' }] },
    ]);
    expect(JSON.stringify(parsed(raw))).not.toMatch(/hunter2|"author"/);
  });

  test('has nothing of the normal form left in it', () => {
    const text = JSON.stringify(report('secret-deleted-later'));
    const { normalConfig, layers } = form('secret-deleted-later');
    expect(
      [normalConfig, 'form/image', ...layers.map(({ normal }) => normal)].filter(each => text.includes(each)),
    ).toEqual([]);
  });

  test.each([
    ['of another image', (name: string) => ({ ...asked(name), digest: form('root').image }), {}],
    [
      'of an image with another config',
      (name: string) => ({ ...asked(name), configDigest: form('root').config }),
      {},
    ],
    [
      'of another form',
      asked,
      { Metadata: { ...rawReport('clean').Metadata, ImageID: form('root').normalConfig } },
    ],
    [
      'of a form with another layer',
      asked,
      { Metadata: { ...rawReport('clean').Metadata, DiffIDs: [form('alpine-eol').layers[0]!.normal] } },
    ],
    ['by another name', asked, { ArtifactName: 'elsewhere' }],
  ])('rule 5.2, provenance: %s is not believed', (_, of, change) => {
    expect(
      ofOriginal(parsed({ ...rawReport('clean'), ...change }), form('clean'), of('clean')),
    ).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^the (?:normal form|report) is (?:of|about) .*/),
    });
  });
});
