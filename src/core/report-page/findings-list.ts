import type { Html } from './html';
import { list, type Row } from './list';
import type { Listed } from './listed-findings';
import { STANDINGS } from '../evaluation/standing';
import { FINDING_TYPES, SEVERITIES } from '../scanning/finding';

export function findingsList(findings: readonly Listed[]): Html {
  return list({
    title: 'All findings',
    placeholder: 'CVE, package, path, text',
    filters: [
      { id: 'severity', label: 'Severity', values: SEVERITIES },
      { id: 'standing', label: 'Verdict', values: STANDINGS },
      { id: 'type', label: 'Kind', values: FINDING_TYPES },
    ],
    rows: findings.map(row),
  });
}

function row({
  type,
  id,
  severity,
  title,
  package: name = '',
  installedVersion = '',
  fixedVersion,
  path = '',
  url,
  standing,
  why,
  platforms,
}: Listed): Row {
  const versions = fixedVersion === undefined ? installedVersion : `${installedVersion} → ${fixedVersion}`;
  const isUnfixed = type === 'vulnerability' && fixedVersion === undefined;
  return {
    filters: [severity, standing, type],
    cells: [
      [{ text: severity, look: `severity ${severity}` }],
      [
        { text: id, ...(url !== undefined && { address: url }) },
        { text: title === id ? '' : title, look: 'quiet' },
      ],
      [
        { text: `${name} ${versions}`.trim() },
        { text: isUnfixed ? 'no version fixes it yet' : '', look: 'quiet' },
        { text: path, look: 'quiet' },
      ],
      [
        { text: standing, look: standing === 'refused' ? 'refused' : '' },
        { text: why, look: 'quiet' },
        { text: platforms.join(', '), look: 'quiet' },
      ],
    ],
  };
}
