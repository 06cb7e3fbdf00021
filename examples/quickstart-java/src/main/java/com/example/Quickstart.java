package com.example;

import io.github.example.trustedimages.ImagePolicy;
import io.github.example.trustedimages.ImageTrust;
import io.github.example.trustedimages.PolicyRule;
import io.github.example.trustedimages.RepositorySelector;
import io.github.example.trustedimages.TrustedImage;
import io.github.example.trustedimages.TrustedImageFromTagProps;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecr.Repository;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Handler;
import software.amazon.awscdk.services.lambda.Runtime;

public final class Quickstart {
  public static void main(String[] args) {
    App app = new App();

    Stack images = new Stack(app, "JavaImages");
    ImageTrust trust = ImageTrust.Builder.create(images, "Trust")
        .repositories(List.of(RepositorySelector.prefix("java/")))
        .policy(ImagePolicy.standard().without("runs-as-root").plus(PolicyRule.runsAsRoot().warns()))
        .build();

    // what runs: it is deployed if the image under this tag is trusted
    Stack service = new Stack(app, "JavaService");
    TrustedImage image = TrustedImage.fromTag(service, "Image", TrustedImageFromTagProps.builder()
        .trust(trust)
        .repository(Repository.fromRepositoryName(service, "Repository", "java/web"))
        .tag("v1")
        .build());
    Function.Builder.create(service, "Function")
        .code(image.toLambdaCode())
        .handler(Handler.FROM_IMAGE)
        .runtime(Runtime.FROM_IMAGE)
        .build();

    app.synth();
  }
}
