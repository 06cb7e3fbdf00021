import { plainText } from '../../plain-text';
import { defineRule } from '../rule';

/** An operating system whose release gets no security fixes any more, by Trivy's calendar. */
export const endOfLifeOs = defineRule('end-of-life-os', {}, ({ report }) => {
  const os = report.Metadata.OS;
  if (os?.EOSL !== true) return { complaints: [] };
  const name = plainText(`${os.Family} ${os.Name}`, 80);
  return { complaints: [{ message: `${name} has reached its end of life: its new vulnerabilities are neither fixed nor listed`, remedy: `base the image on a supported release of ${plainText(os.Family, 40)}` }] };
});
