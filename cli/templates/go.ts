import { header, Images, Template } from './template';

export const go: Template = {
  base: 'gcr.io/distroless/static-debian13:nonroot',
  buildBase: 'public.ecr.aws/docker/library/golang:1.26-alpine',
  render: (images: Images) => `${header(images, 'go')}
FROM ${images.buildImage} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/app .

FROM ${images.runImage}
COPY --from=build /out/app /app
USER 65532:65532
EXPOSE 8080
# Nothing in this image could ask; ECS and Kubernetes have health checks of their own.
HEALTHCHECK NONE
ENTRYPOINT ["/app"]
`,
  next: ['package main is in the folder of the Dockerfile; "go mod tidy" has written go.sum'],
};
