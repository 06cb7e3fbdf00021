import { awscdk } from 'projen';

/** Prettier wraps code, not comments. This rule counts both, but for what cannot be wrapped. */
export function addLineLength(project: awscdk.AwsCdkConstructLibrary): void {
  project.eslint?.addRules({
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
}
