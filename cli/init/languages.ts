/** A language that there is a Dockerfile for, in templates/dockerfile. */
export interface Language {
  /** The image that the program runs on, by its tag. Its digest is resolved when the Dockerfile is written. */
  readonly base: string;
  /** The image that it is built with. */
  readonly buildBase: string;
  /** What the Dockerfile takes for granted. */
  readonly next: readonly string[];
}

const NODE = 'public.ecr.aws/docker/library/node:24-alpine';
const PYTHON = 'public.ecr.aws/docker/library/python:3.14-slim';

export const LANGUAGES = {
  node: {
    base: NODE,
    buildBase: NODE,
    next: [
      '"main" in package.json names what starts',
      'the program listens on port 8080 and answers / without a login',
    ],
  },
  python: {
    base: PYTHON,
    buildBase: PYTHON,
    next: [
      'requirements.txt has hashes: uv pip compile --generate-hashes requirements.in -o requirements.txt',
      'the program is the package app, with a __main__.py; it listens on port 8080 and answers / without a login',
    ],
  },
  go: {
    base: 'gcr.io/distroless/static-debian13:nonroot',
    buildBase: 'public.ecr.aws/docker/library/golang:1.26-alpine',
    next: ['package main is in the folder of the Dockerfile; "go mod tidy" has written go.sum'],
  },
  java: {
    base: 'public.ecr.aws/docker/library/eclipse-temurin:25-jre-alpine',
    buildBase: 'public.ecr.aws/docker/library/maven:3-eclipse-temurin-25-alpine',
    next: [
      'pom.xml has <finalName>app</finalName>, and builds a jar that runs by itself',
      'the program listens on port 8080 and answers / without a login',
    ],
  },
} as const satisfies Record<string, Language>;

export function isLanguage(name: string): name is keyof typeof LANGUAGES {
  return Object.hasOwn(LANGUAGES, name);
}
