// Admission is the two parts of test/conformance/admission.ts that are libraries: a registry in memory that
// knows referrers, and containers/image, which Podman and CRI-O ask before they run an image.
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/google/go-containerregistry/pkg/registry"
	"go.podman.io/image/v5/docker"
	"go.podman.io/image/v5/image"
	"go.podman.io/image/v5/signature"
	"go.podman.io/image/v5/types"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 2 && args[0] == "registry":
		return http.ListenAndServe(args[1], registry.New(registry.WithReferrersSupport(true)))
	case len(args) == 4 && args[0] == "allowed":
		return allowed(args[1], args[2], args[3])
	}
	return fmt.Errorf("usage: admission registry ADDRESS | admission allowed POLICY_JSON REGISTRIES_D IMAGE")
}

// allowed is nil if the policy lets the image run.
func allowed(policyFile, registriesFolder, name string) error {
	policy, err := signature.NewPolicyFromFile(policyFile)
	if err != nil {
		return err
	}
	decision, err := signature.NewPolicyContext(policy)
	if err != nil {
		return err
	}
	defer decision.Destroy()
	reference, err := docker.ParseReference("//" + name)
	if err != nil {
		return err
	}
	ctx := context.Background()
	source, err := reference.NewImageSource(ctx, &types.SystemContext{
		DockerInsecureSkipTLSVerify: types.OptionalBoolTrue, // the registry is on loopback
		RegistriesDirPath:           registriesFolder,
	})
	if err != nil {
		return err
	}
	defer source.Close()
	_, err = decision.IsRunningImageAllowed(ctx, image.UnparsedInstance(source, nil))
	return err
}
