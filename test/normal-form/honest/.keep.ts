import { OverlayBuilder } from './overlay';
import { IMAGES } from './images';
import { writeLayoutOf } from './write-layout';
(async () => {
  const builder = new OverlayBuilder('/tmp/hb/steps');
  const image = IMAGES.find(i => i.name === 'debian-and-npm')!;
  const layers = await builder.layers(image.steps);
  console.log('debian', await writeLayoutOf('/tmp/hb/debian', layers.slice(0, 1)));
  console.log('debian-and-npm', await writeLayoutOf('/tmp/hb/debian-and-npm', layers));
})();
