import { header, Images, Template } from './template';

const IMAGE = 'public.ecr.aws/docker/library/python:3.14-slim';

export const python: Template = {
  base: IMAGE,
  buildBase: IMAGE,
  render: (images: Images) => `${header(images, 'python')}
FROM ${images.buildImage} AS build
RUN python -m venv /venv
COPY requirements.txt ./
# Packages by their hashes, or none: "uv pip compile --generate-hashes" writes them.
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt

FROM ${images.runImage}
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
# Its files stay root's: the program cannot change itself.
COPY --from=build /venv /venv
COPY app ./app
USER 65532:65532
EXPOSE 8080
# For Docker; ECS and Kubernetes have health checks of their own.
HEALTHCHECK CMD ["/venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/', timeout=5)"]
CMD ["/venv/bin/python", "-m", "app"]
`,
  next: [
    'requirements.txt has hashes: uv pip compile --generate-hashes requirements.in -o requirements.txt',
    'the program is the package app, with a __main__.py; it listens on port 8080 and answers / without a login',
  ],
};
