import { header, Images, Template } from './template';

const IMAGE = 'public.ecr.aws/docker/library/node:24-alpine';

export const node: Template = {
  base: IMAGE,
  buildBase: IMAGE,
  render: (images: Images) => `${header(images, 'node')}
FROM ${images.buildImage} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build --if-present && npm prune --omit=dev

FROM ${images.runImage}
ENV NODE_ENV=production
WORKDIR /app
# Its files stay root's: the program cannot change itself.
COPY --from=build /app ./
USER 65532:65532
EXPOSE 8080
# For Docker; ECS and Kubernetes have health checks of their own.
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:8080/').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "."]
`,
  next: [
    '"main" in package.json names what starts',
    'the program listens on port 8080 and answers / without a login',
  ],
};
