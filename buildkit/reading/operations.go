package reading

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
)

type SourceKind string

const (
	ImageSource SourceKind = "image"
	HTTPSource  SourceKind = "http"
	GitSource   SourceKind = "git"
)

// Source is what a stage takes in from elsewhere.
type Source struct {
	Kind SourceKind `json:"kind"`
	Line int        `json:"line"`
	// Name is the reference of the image, or the address.
	Name string `json:"name"`
	// Checksum is what BuildKit compares a download with.
	Checksum string `json:"checksum,omitempty"`
	// Ref of a Git repository: a branch, a tag or a commit.
	Ref string `json:"ref,omitempty"`
}

// Run is a command of the build.
type Run struct {
	Line     int      `json:"line"`
	Args     []string `json:"args"`
	Insecure bool     `json:"insecure"`
	// HostNetwork: it runs in the network of the machine that builds.
	HostNetwork bool `json:"hostNetwork"`
	// Device: it reaches a device of that machine.
	Device bool `json:"device"`
}

type operation struct {
	pb.Op
	digest string
	lines  []int
}

// operationsOf are the steps of a build, each with the lines of the file that made it.
func operationsOf(definition *llb.Definition) ([]*operation, error) {
	operations := map[string]*operation{}
	ordered := []*operation{}
	for _, bytes := range definition.Def {
		step := &operation{}
		if err := step.UnmarshalVT(bytes); err != nil {
			return nil, err
		}
		step.digest = digest.FromBytes(bytes).String()
		operations[step.digest] = step
		ordered = append(ordered, step)
	}
	if definition.Source == nil {
		return ordered, nil
	}
	for digest, locations := range definition.Source.Locations {
		for _, location := range locations.Locations {
			if step := operations[digest]; step != nil && len(location.Ranges) > 0 {
				step.lines = append(step.lines, int(location.Ranges[0].Start.Line))
			}
		}
	}
	// a download, and the image of a mount, has no line of its own but that of the step that takes it
	unlocated := map[string]bool{}
	for digest, step := range operations {
		unlocated[digest] = step.GetSource() != nil && len(step.lines) == 0
	}
	for _, step := range ordered {
		for _, input := range step.Inputs {
			if unlocated[input.Digest] {
				operations[input.Digest].lines = append(operations[input.Digest].lines, step.lines...)
			}
		}
	}
	return ordered, nil
}

func (o *operation) sources() []Source {
	identifier := o.GetSource().GetIdentifier()
	scheme, rest, _ := strings.Cut(identifier, "://")
	source := Source{Name: identifier}
	switch scheme {
	case "docker-image":
		source.Kind = ImageSource
		source.Name = rest
		if named, err := reference.ParseNormalizedNamed(rest); err == nil {
			source.Name = reference.FamiliarString(named)
		}
	case "http", "https":
		source.Kind = HTTPSource
		source.Checksum = o.GetSource().Attrs[pb.AttrHTTPChecksum]
	case "git":
		source.Kind = GitSource
		source.Name = o.GetSource().Attrs[pb.AttrFullRemoteURL]
		source.Checksum = o.GetSource().Attrs[pb.AttrGitChecksum]
		_, fragment, _ := strings.Cut(identifier, "#")
		source.Ref, _, _ = strings.Cut(fragment, ":")
	default:
		return nil
	}
	sources := []Source{}
	lines := o.lines
	if len(lines) == 0 {
		lines = []int{1} // nothing is taken in unseen
	}
	for _, line := range lines {
		source.Line = line
		sources = append(sources, source)
	}
	return sources
}

func (o *operation) runs() []Run {
	exec := o.GetExec()
	if exec == nil {
		return nil
	}
	runs := []Run{}
	for _, line := range o.lines {
		runs = append(runs, Run{
			Line:        line,
			Args:        exec.Meta.Args,
			Insecure:    exec.Security == pb.SecurityMode_INSECURE,
			HostNetwork: exec.Network == pb.NetMode_HOST,
			Device:      len(exec.CdiDevices) > 0,
		})
	}
	return runs
}

func (r Run) equals(other Run) bool { return r.Line == other.Line && slices.Equal(r.Args, other.Args) }
