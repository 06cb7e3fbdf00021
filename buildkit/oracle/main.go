//go:build !wasip1

// oracle says of Dockerfiles what BuildKit makes of them, one line of JSON each: an independent answer for test/conformance/dockerfiles.ts. It
// shares no code with the reader, and looks at what the steps say, not at where in the file they come from.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type answer struct {
	// Error is why the last stage does not build.
	Error string `json:"error"`
	User  string `json:"user"`
	// Sources are the identifiers of what the last stage and all stages with a name take in, each with its checksum.
	Sources []string `json:"sources"`
	// Secrets are the lines of which BuildKit's linter says SecretsUsedInArgOrEnv.
	Secrets []string `json:"secrets"`
}

var linux = ocispecs.Platform{OS: "linux", Architecture: "amd64"}

var capabilities = pb.Caps.CapSet(pb.Caps.All())

type registry struct{}

func (registry) ResolveImageConfig(_ context.Context, name string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	layer := digest.FromString("layer of " + name)
	return name, "", fmt.Appendf(nil, `{"os":"linux","architecture":"amd64","config":{"User":"<base>"},"rootfs":{"type":"layers","diff_ids":[%q]}}`, layer), nil
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		bytes, err := json.Marshal(ask([]byte(text)))
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(bytes))
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
}

func ask(text []byte) answer {
	var result answer
	opt := dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildPlatforms: []ocispecs.Platform{linux}},
		TargetPlatform: &linux,
		LLBCaps:        &capabilities,
		MetaResolver:   registry{},
		Warn: func(rule, _, _, message string, location []parser.Range) {
			if rule == linter.RuleSecretsUsedInArgOrEnv.Name {
				result.Secrets = append(result.Secrets, message)
			}
		},
	}
	built, err := convert(text, opt)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	result.User = built.Image.Config.User
	sources := map[string]bool{}
	collect(built, sources)
	for _, name := range namesIn(text) {
		opt.Target = name
		opt.Warn = nil
		if built, err := convert(text, opt); err == nil {
			collect(built, sources)
		}
	}
	for source := range sources {
		result.Sources = append(result.Sources, source)
	}
	sort.Strings(result.Sources)
	return result
}

func namesIn(text []byte) []string {
	parsed, err := parser.Parse(bytes.NewReader(text))
	if err != nil {
		return nil
	}
	stages, _, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{}))
	if err != nil {
		return nil
	}
	names := []string{}
	for _, stage := range stages {
		if stage.Name != "" {
			names = append(names, stage.Name)
		}
	}
	return names
}

func convert(text []byte, opt dockerfile2llb.ConvertOpt) (result *dockerfile2llb.Result, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v", fault)
		}
	}()
	return dockerfile2llb.Dockerfile2LLB(context.Background(), bytes.Clone(text), opt)
}

func collect(built *dockerfile2llb.Result, into map[string]bool) {
	definition, err := built.State.Marshal(context.Background(), llb.Platform(linux))
	if err != nil {
		into["error://"+err.Error()] = true
		return
	}
	for _, step := range definition.Def {
		var op pb.Op
		if err := op.UnmarshalVT(step); err != nil {
			panic(err)
		}
		source := op.GetSource()
		if source == nil || strings.HasPrefix(source.Identifier, "local://") {
			continue
		}
		checksum := source.Attrs[pb.AttrHTTPChecksum] + source.Attrs[pb.AttrGitChecksum]
		into[source.Identifier+" "+checksum] = true
	}
}
