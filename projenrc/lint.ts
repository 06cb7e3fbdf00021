import { awscdk, JsonFile } from 'projen';

/** TypeScript to paste, with placeholders. */
const TO_PASTE = 'cli/templates/';
const WRITTEN_BY_PROJEN = 'src/**/*-function.ts';

/**
 * Three programs check the sources, each what it is fastest at. ESLint looks at imports and at single files,
 * without types. oxlint has TypeScript's checker in Go: it checks the types and what needs them. oxfmt checks
 * the format.
 */
export function addLint(project: awscdk.AwsCdkConstructLibrary): void {
  const eslint = project.eslint!;
  delete eslint.config.parserOptions.projectService; // no types
  eslint.config.extends = ['plugin:import/typescript'];
  for (const name of ['prettier', 'eslint-plugin-prettier', 'eslint-config-prettier']) {
    project.deps.removeDependency(name);
  }
  const typed = ['no-floating-promises', 'return-await'];
  typed.forEach(rule => delete eslint.rules[`@typescript-eslint/${rule}`]);
  eslint.addIgnorePattern(TO_PASTE);
  // the formatter wraps code, not comments; this rule counts both, but for what cannot be wrapped
  eslint.addRules({
    'max-len': [
      'error',
      {
        code: 110,
        ignoreStrings: true,
        ignoreTemplateLiterals: true,
        ignoreRegExpLiterals: true,
        ignoreUrls: true,
        ignorePattern: '^\\} from |^import .* from ',
      },
    ],
  });

  project.addDevDeps('oxfmt@^0.79.0', 'oxlint@^1.94.0', 'oxlint-tsgolint@^7.0.2008');
  new JsonFile(project, '.oxlintrc.json', {
    marker: false,
    obj: {
      plugins: ['typescript'],
      categories: { correctness: 'off' },
      rules: Object.fromEntries(typed.map(rule => [`typescript/${rule}`, 'error'])),
      ignorePatterns: [TO_PASTE],
    },
  });
  new JsonFile(project, '.oxfmtrc.json', {
    marker: false,
    obj: {
      printWidth: 110,
      singleQuote: true,
      arrowParens: 'avoid',
      trailingComma: 'all',
      ignorePatterns: [TO_PASTE, WRITTEN_BY_PROJEN],
    },
  });
  for (const file of ['/.oxlintrc.json', '/.oxfmtrc.json']) project.addPackageIgnore(file);
  project.addTask('format', {
    description: 'Format the TypeScript',
    exec: `oxfmt '**/*.ts' .projenrc.ts`,
  });
  project.addTask('test:format', {
    description: 'Check the format of the TypeScript',
    exec: `oxfmt --check '**/*.ts' .projenrc.ts`,
  });
  project.addTask('test:types', {
    description: 'Check the types, and what needs them: no promise is forgotten',
    exec: 'oxlint --type-aware --type-check --deny-warnings',
    receiveArgs: true,
  });
}
