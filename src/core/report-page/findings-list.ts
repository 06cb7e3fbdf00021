import type { Html } from './html';
import { list, type Row } from './list';
import type { Listed } from './listed-findings';
import { TREATMENTS } from '../evaluation/treatment';
import { FINDING_TYPES, SEVERITIES } from '../scanning/finding';

export function findingsList(findings: readonly Listed[]): Html {
  return list({
    title: 'All findings',
    placeholder: 'CVE, package, path, text',
    filters: [
      { id: 'severity', label: 'Severity', values: SEVERITIES },
      { id: 'treatment', label: 'Verdict', values: TREATMENTS },
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
  treatment,
  why,
  platforms,
}: Listed): Row {
  const versions = fixedVersion === undefined ? installedVersion : `${installedVersion} → ${fixedVersion}`;
  const isUnfixed = type === 'vulnerability' && fixedVersion === undefined;
  return {
    filters: [severity, treatment, type],
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
        { text: treatment, look: treatment === 'refused' ? 'refused' : '' },
        { text: why, look: 'quiet' },
        { text: platforms.join(', '), look: 'quiet' },
      ],
    ],
  };
}
