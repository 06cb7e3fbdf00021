package reading

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// platforms of AWS's machines. Without one BuildKit would take that of this machine, which is WebAssembly.
var platforms = []ocispecs.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}}

var namesPlatform = regexp.MustCompile(`(?:TARGET|BUILD)(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)`)

// platformsFor: most files are the same on all of them.
func platformsFor(text string) []ocispecs.Platform {
	if namesPlatform.MatchString(text) {
		return platforms
	}
	return platforms[:1]
}

// capabilities of the build: all that BuildKit has.
var capabilities = pb.Caps.CapSet(pb.Caps.All())

// baseUser stands for the user of a base image, which is not in the file.
const baseUser = "user-of-the-base-image"

type built struct {
	image *dockerspec.DockerOCIImage
	steps []*operation
}

// convert makes the build steps of a target as BuildKit does, and runs none of them.
func convert(text, target string, buildArgs map[string]string) (*built, error) {
	return convertFor(platforms[0], text, target, buildArgs)
}

func convertFor(platform ocispecs.Platform, text, target string, buildArgs map[string]string) (*built, error) {
	return convertOn(keptImage{}, platform, text, target, buildArgs)
}

func convertOn(kept keptImage, platform ocispecs.Platform, text, target string, buildArgs map[string]string) (*built, error) {
	ctx := context.Background()
	dockerfile := []byte(text)
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, dockerfile, dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      maps.Clone(buildArgs), // BuildKit changes it
			Target:         target,
			BuildPlatforms: []ocispecs.Platform{platforms[0]},
		},
		TargetPlatform: &platform,
		LLBCaps:        &capabilities,
		MetaResolver:   &baseImages{platform, kept},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", dockerfile),
		// without it BuildKit's linter stays silent, also where the file says that it must not (`# check=error=true`)
		Warn: func(string, string, string, string, []parser.Range) {},
	})
	if err != nil {
		return nil, err
	}
	definition, err := result.State.Marshal(ctx, llb.Platform(platform))
	if err != nil {
		return nil, err
	}
	steps, err := operationsOf(definition)
	if err != nil {
		return nil, err
	}
	return &built{result.Image, steps}, nil
}

// keptImage is what `thisImage` keeps for those who build on it.
type keptImage struct{ triggers, environment []string }

// baseImages answers for every registry: an image with a layer and a user, of which nothing else is known.
type baseImages struct {
	platform ocispecs.Platform
	kept     keptImage
}

func (b *baseImages) ResolveImageConfig(_ context.Context, name string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	image := dockerspec.DockerOCIImage{
		Image: ocispecs.Image{
			Platform: b.platform,
			// without a layer BuildKit takes the image for scratch, and its name is lost
			RootFS: ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(name)}},
		},
	}
	image.Config.User = baseUser
	if isThisImage(name) {
		image.Config.OnBuild, image.Config.Env = b.kept.triggers, b.kept.environment
		b.kept = keptImage{} // a trigger that names the image would call itself without end
	}
	config, err := json.Marshal(image)
	return name, "", config, err
}
