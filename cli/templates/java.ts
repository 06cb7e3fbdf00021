import { header, Images, Template } from './template';

export const java: Template = {
  base: 'public.ecr.aws/docker/library/eclipse-temurin:25-jre-alpine',
  buildBase: 'public.ecr.aws/docker/library/maven:3-eclipse-temurin-25-alpine',
  render: (images: Images) => `${header(images, 'java')}
FROM ${images.buildImage} AS build
WORKDIR /src
COPY pom.xml ./
RUN mvn --batch-mode dependency:go-offline
COPY src ./src
RUN mvn --batch-mode package

FROM ${images.runImage}
WORKDIR /app
# Its files stay root's: the program cannot change itself.
COPY --from=build /src/target/app.jar ./
USER 65532:65532
EXPOSE 8080
# For Docker; ECS and Kubernetes have health checks of their own.
HEALTHCHECK CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/"]
ENTRYPOINT ["java", "-jar", "app.jar"]
`,
  next: [
    'pom.xml has <finalName>app</finalName>, and builds a jar that runs by itself',
    'the program listens on port 8080 and answers / without a login',
  ],
};
