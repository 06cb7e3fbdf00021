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
	"strings"
)

// program is the built normal form, run as users run it.
type program struct{ path string }

// outcome is what the program said of an image: its layers, or why it is refused.
type outcome struct {
	Layers []struct{ Normal, Digest, DiffID string }
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
	merged tree     // of the layers of the image
	linked tree     // of the layers behind them: copies of what Trivy reads, but a runtime reaches by a link only
	layers []tree   // each by itself
	ids    []string // of the layers
}

// shown reads a normal form of an image with that many layers.
// It is strict: each path once in a layer, spelled the plain way, no hard link, nothing that Trivy's walker could take for something else.
func shown(layout string, layers int) (*normalForm, error) {
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
	n := &normalForm{merged: tree{}, linked: tree{}}
	for i, l := range manifest.Layers {
		if l.MediaType != "application/vnd.oci.image.layer.v1.tar" || i >= len(config.RootFS.DiffIDs) || config.RootFS.DiffIDs[i] != l.Digest {
			return nil, fmt.Errorf("layer %d of the form is of type %q, or its diff_id is another", i+1, l.MediaType)
		}
		below := n.merged
		if i >= layers {
			below = n.linked
		}
		t, e := lay(below, filepath.Join(layout, blob(l.Digest)))
		if e != nil {
			return nil, fmt.Errorf("layer %d of the form: %w", i+1, e)
		}
		n.layers, n.ids = append(n.layers, t), append(n.ids, l.Digest)
	}
	return n, nil
}

// lay puts a layer over the tree of those below it, and gives the entries of the layer.
func lay(below tree, file string) (tree, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	own, gone := tree{}, map[string]bool{}
	r := tar.NewReader(f)
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if h.Name == "./" && h.Typeflag == tar.TypeDir && len(own)+len(gone) == 0 {
			continue // the root, in front, so that no name in the layer stands where formats have their magic
		}
		p := strings.TrimSuffix(h.Name, "/")
		if p == "" || path.Clean("/"+p) != "/"+p || strings.HasSuffix(h.Name, "/") != (h.Typeflag == tar.TypeDir) {
			return nil, fmt.Errorf("%q is not spelled plainly", h.Name)
		}
		if _, twice := own[p]; twice || gone[p] { // a whiteout may stand beside the file that comes in place of what it deletes
			return nil, fmt.Errorf("%q is there twice", p)
		}
		d, base := path.Split(p)
		if strings.HasPrefix(base, ".wh.") {
			if h.Typeflag != tar.TypeReg || h.Size != 0 {
				return nil, fmt.Errorf("%q is no plain whiteout", p)
			}
			gone[p] = true
			if base == ".wh..wh..opq" {
				below.removeBelow(strings.TrimSuffix(d, "/"))
			} else {
				below.remove(d + base[len(".wh."):])
			}
			continue
		}
		if own[p], err = thingOf(h, r); err != nil {
			return nil, err
		}
	}
	for p := range own {
		own.addFoldersTo(p)
	}
	for p, x := range own {
		if x.Kind != 'd' {
			below.remove(p)
		}
	}
	for p, x := range own {
		below[p] = x
		below.addFoldersTo(p)
	}
	// Most runtimes make the folder of a whiteout, some do not: it is of no kind that anything is compared with.
	for p := range gone {
		for d := path.Dir(p); d != "."; d = path.Dir(d) {
			if _, ok := below[d]; !ok {
				below[d] = thing{Kind: '?'}
			}
		}
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
