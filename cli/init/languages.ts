/** A language with a Dockerfile in templates/dockerfile. */
export interface Language {
  /** The tag of the image that the program runs on. `init` resolves its digest. */
  readonly base: string;
  /** The tag of the image that the program is built with. */
  readonly buildBase: string;
  /** What the Dockerfile expects of the project. */
  readonly next: readonly string[];
}

const NODE = 'public.ecr.aws/docker/library/node:24-alpine';
const PYTHON = 'public.ecr.aws/docker/library/python:3.14-slim';

export const LANGUAGES = {
  node: {
    base: NODE,
    buildBase: NODE,
    next: [
      '"main" in package.json must name the file that starts the program',
      'the program must listen on port 8080 and answer / without a login',
    ],
  },
  python: {
    base: PYTHON,
    buildBase: PYTHON,
    next: [
      'requirements.txt must have hashes: uv pip compile --generate-hashes requirements.in -o requirements.txt',
      'the program must be the package app, with a __main__.py; it must listen on port 8080 and answer / without a login',
    ],
  },
  go: {
    base: 'gcr.io/distroless/static-debian13:nonroot',
    buildBase: 'public.ecr.aws/docker/library/golang:1.26-alpine',
    next: ['package main must be in the folder of the Dockerfile, with the go.sum that "go mod tidy" writes'],
  },
  java: {
    base: 'public.ecr.aws/docker/library/eclipse-temurin:25-jre-alpine',
    buildBase: 'public.ecr.aws/docker/library/maven:3-eclipse-temurin-25-alpine',
    next: [
      'pom.xml must have <finalName>app</finalName> and build an executable jar',
      'the program must listen on port 8080 and answer / without a login',
    ],
  },
} as const satisfies Record<string, Language>;

export function isLanguage(name: string): name is keyof typeof LANGUAGES {
  return Object.hasOwn(LANGUAGES, name);
}
