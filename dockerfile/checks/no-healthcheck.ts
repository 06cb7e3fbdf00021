import type { Check } from './check';

/**
 * A warning only: ECS and Kubernetes do not read it, they have checks of their own. `HEALTHCHECK NONE` says
 * that somebody thought of it.
 */
export const noHealthcheck: Check = {
  rule: 'no-healthcheck',
  trivy: ['DS-0026'],
  issues: ({ reading: { image } }) => {
    if (image === undefined || image.healthcheck) return [];
    const { line } = image;
    return [
      {
        line,
        level: 'warned',
        message: 'the last stage has no HEALTHCHECK, so Docker cannot say whether the program still answers',
        remedy:
          'add HEALTHCHECK CMD ["…"], or HEALTHCHECK NONE where the platform asks by itself, as ECS and Kubernetes do',
      },
    ];
  },
};
