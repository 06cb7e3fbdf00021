package reading

import (
	"context"
	"encoding/json"
	"maps"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// platform of the build; without it BuildKit would take that of the machine, which here is WebAssembly.
var platform = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

// capabilities of the build: all that BuildKit has.
var capabilities = pb.Caps.CapSet(pb.Caps.All())

// baseUser stands for the user of a base image, which is not in the file.
const baseUser = "user-of-the-base-image"

type built struct {
	image *dockerspec.DockerOCIImage
	steps []*operation
}

// convert makes the build steps of a target as BuildKit does, and runs none of them.
func convert(text, target string, buildArgs map[string]string, onbuild ...string) (*built, error) {
	ctx := context.Background()
	dockerfile := []byte(text)
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, dockerfile, dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:      maps.Clone(buildArgs), // BuildKit changes it
			Target:         target,
			BuildPlatforms: []ocispecs.Platform{platform},
		},
		TargetPlatform: &platform,
		LLBCaps:        &capabilities,
		MetaResolver:   baseImages{onbuild},
		SourceMap:      llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", dockerfile),
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

// baseImages answers for every registry: an image with a layer and a user, of which nothing else is known; of `thisImage` what it keeps.
type baseImages struct{ onbuild []string }

func (b baseImages) ResolveImageConfig(_ context.Context, name string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	var onbuild []string
	if strings.HasSuffix(name, "/"+thisImage) {
		onbuild = b.onbuild
	}
	config, err := json.Marshal(dockerspec.DockerOCIImage{
		Image: ocispecs.Image{
			Platform: platform,
			// without a layer BuildKit takes the image for scratch, and its name is lost
			RootFS: ocispecs.RootFS{Type: "layers", DiffIDs: []digest.Digest{digest.FromString(name)}},
		},
		Config: dockerspec.DockerOCIImageConfig{
			ImageConfig:             ocispecs.ImageConfig{User: baseUser},
			DockerOCIImageConfigExt: dockerspec.DockerOCIImageConfigExt{OnBuild: onbuild},
		},
	})
	return name, "", config, err
}
