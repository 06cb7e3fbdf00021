import { contentOf } from './content';
import { imagePage } from '../../../src/core/report-page/image-page';

const content = contentOf('clean');
const [image] = content.images;
const SAYS = /5 files declare packages: 3 in Trivy&#39;s report, [^<]+/;

describe('rule 5.9, what was scanned is what runs: the page says how files that declare packages were answered', () => {
  test('of an image', () => {
    expect(imagePage(content)).toMatch(SAYS);
  });

  test('of each image of an index', () => {
    const images = ['linux/amd64', 'linux/arm64'].map(platform => ({ ...image!, platform }));
    const page = imagePage({ ...content, images });
    expect(page).toContain('Packages of linux/amd64');
    expect(page).toContain('Packages of linux/arm64');
  });

  test('and nothing of a verdict of an earlier version', () => {
    const { declared: _declared, ...earlier } = image!.verdict;
    expect(imagePage({ ...content, images: [{ ...image!, verdict: earlier }] })).not.toMatch(
      /declare packages/,
    );
  });
});
