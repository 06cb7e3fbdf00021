package differential

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// program is the built normal form, run as users run it.
type program struct{ path string }

// outcome is what the program said of an image: its layers, or why it is refused.
type outcome struct {
	Layers []struct{ Normal, Digest, DiffID, Holds string }
	// Failure is nil for an image that was accepted.
	Failure *struct{ Cause, Detail string }
	stderr  string
}

// findProgram takes the program that NORMAL_FORM names, or builds the one of this repository.
func findProgram(folder string) (*program, error) {
	if p := os.Getenv("NORMAL_FORM"); p != "" {
		return &program{p}, nil
	}
	p := filepath.Join(folder, "normal-form")
	cmd := exec.Command("go", "build", "-trimpath", "-o", p, ".")
	cmd.Dir, cmd.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build of the normal form: %w: %s", err, out)
	}
	return &program{p}, nil
}

// run reads one image out of a layout folder. An error is a defect: generated images are readable, so they are written or refused.
func (p *program) run(layout, digest, out string, limits ...string) (*outcome, error) {
	cmd := exec.Command(p.path, append(limits, digest, out, layout)...)
	var errs strings.Builder
	cmd.Stderr = &errs
	err := cmd.Run()
	o := &outcome{stderr: errs.String()}
	b, e := os.ReadFile(filepath.Join(out, "form.json"))
	if e == nil {
		e = json.Unmarshal(b, o)
	}
	var exit *exec.ExitError
	switch {
	case err == nil && e == nil && o.Failure == nil:
		return o, nil
	case errors.As(err, &exit) && exit.ExitCode() == 3 && e == nil && o.Failure != nil && o.Failure.Detail != "":
		return o, nil
	}
	return nil, fmt.Errorf("the program ended with %v; form.json: %v, %.300s; standard error: %.2000s", err, e, b, errs.String())
}

// normalForm is what the program shows to Trivy.
type normalForm struct {
	files   tree     // what a runtime shows: each file is in one layer
	linked  tree     // copies of what Trivy reads, but a runtime reaches by a link only
	covered tree     // what no runtime shows, under names that only the search for secrets reads
	layers  []tree   // each by itself
	ids     []string // of the layers
}

// shown reads a normal form. It is strict: each path once in all layers of a kind, spelled the plain way, no hard link, no deletion, nothing that
// Trivy's walker could take for something else.
func shown(layout string, o *outcome) (*normalForm, error) {
	var err error
	var index struct{ Manifests []struct{ Digest string } }
	var manifest struct {
		Config struct{ Digest string }
		Layers []struct{ Digest, MediaType string }
	}
	var config struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	read := func(f string, to any) {
		b, e := os.ReadFile(filepath.Join(layout, f))
		if e == nil {
			e = json.Unmarshal(b, to)
		}
		err = errors.Join(err, e)
	}
	blob := func(d string) string { return filepath.Join("blobs", "sha256", strings.TrimPrefix(d, "sha256:")) }
	read("index.json", &index)
	if err != nil || len(index.Manifests) != 1 {
		return nil, fmt.Errorf("index.json: %d manifests, %w", len(index.Manifests), err)
	}
	read(blob(index.Manifests[0].Digest), &manifest)
	read(blob(manifest.Config.Digest), &config)
	if err != nil {
		return nil, err
	}
	n := &normalForm{files: tree{}, linked: tree{}, covered: tree{}}
	for i, l := range manifest.Layers {
		if l.MediaType != "application/vnd.oci.image.layer.v1.tar" || i >= len(config.RootFS.DiffIDs) || config.RootFS.DiffIDs[i] != l.Digest {
			return nil, fmt.Errorf("layer %d of the form is of type %q, or its diff_id is another", i+1, l.MediaType)
		}
		if i >= len(o.Layers) {
			return nil, fmt.Errorf("form.json has %d layers, the image of the normal form %d", len(o.Layers), len(manifest.Layers))
		}
		all := map[string]tree{"files": n.files, "linked": n.linked, "covered": n.covered}[o.Layers[i].Holds]
		if all == nil {
			return nil, fmt.Errorf("layer %d of the form holds %q, which no generated image has", i+1, o.Layers[i].Holds)
		}
		t, e := lay(all, filepath.Join(layout, blob(l.Digest)))
		if e != nil {
			return nil, fmt.Errorf("layer %d of the form: %w", i+1, e)
		}
		n.layers, n.ids = append(n.layers, t), append(n.ids, l.Digest)
	}
	return n, nil
}

// lay puts the entries of a layer into the tree of those of its kind, and gives them.
func lay(all tree, file string) (tree, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	own := tree{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if h.Name == "./" && h.Typeflag == tar.TypeDir && len(own) == 0 {
			continue // the root, in front, so that no name in the layer stands where formats have their magic
		}
		p := h.Name
		if p == "" || path.Clean("/"+p) != "/"+p || h.Typeflag == tar.TypeDir || strings.HasPrefix(path.Base(p), ".wh.") {
			return nil, fmt.Errorf("%q is not spelled plainly, or is a folder or deletion", p)
		}
		if _, twice := all[p]; twice && !slices.Contains(packageDatabases, p) {
			return nil, fmt.Errorf("%q is there twice", p)
		}
		if own[p], err = thingOf(h, r); err != nil {
			return nil, err
		}
		all[p] = own[p]
	}
	for p := range own {
		own.addFoldersTo(p)
		all.addFoldersTo(p)
	}
	return own, nil
}

func thingOf(h *tar.Header, r io.Reader) (thing, error) {
	x := thing{Mode: uint32(h.Mode & 0o7777)}
	switch h.Typeflag {
	case tar.TypeReg:
		b, err := io.ReadAll(r)
		if err != nil {
			return x, err
		}
		x.Kind, x.Content = 'f', shorten(b)
	case tar.TypeSymlink:
		x.Kind, x.Mode, x.Link = 'l', 0, h.Linkname
	case tar.TypeDir:
		x = thing{Kind: 'd'}
	case tar.TypeChar, tar.TypeBlock:
		x.Kind, x.Device = map[byte]byte{tar.TypeChar: 'c', tar.TypeBlock: 'b'}[h.Typeflag], makedev(h.Devmajor, h.Devminor)
	case tar.TypeFifo:
		x.Kind = 'p'
	default:
		return x, fmt.Errorf("%q is an entry of type %q", h.Name, h.Typeflag)
	}
	if h.Mode&^0o7777 != 0 {
		return x, fmt.Errorf("%q has mode %o", h.Name, h.Mode)
	}
	return x, nil
}
