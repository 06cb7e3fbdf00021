//go:build linux

package differential

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
)

// rule 5.1: an image that an honest builder made is accepted, and Trivy finds in its normal form all that it finds in the image.
// HONEST_IMAGES names folders of OCI layouts, HONEST_CACHE a cache folder of Trivy with a database, for vulnerabilities.
func TestHonestImagesKeepTheirFindings(t *testing.T) {
	folders := os.Getenv("HONEST_IMAGES")
	if folders == "" {
		t.Skip("HONEST_IMAGES names no folders of OCI layouts; npm test writes those of the zoo")
	}
	b := newBench(t)
	flags := []string{"--scanners", "license,secret,misconfig", "--image-config-scanners", "misconfig,secret", "--skip-check-update"}
	if cache := os.Getenv("HONEST_CACHE"); cache != "" {
		b.trivy.cache = cache
		flags[1] += ",vuln"
		flags = append(flags, "--skip-db-update", "--skip-java-db-update")
	}
	images := 0
	for _, folder := range filepath.SplitList(folders) {
		layouts, err := filepath.Glob(filepath.Join(folder, "*", "index.json"))
		if err != nil || len(layouts) == 0 {
			t.Fatalf("HONEST_IMAGES: %s holds no layouts (%v)", folder, err)
		}
		for _, index := range layouts {
			layout := filepath.Dir(index)
			for i, digest := range imagesOf(t, layout) {
				images++
				work := filepath.Join(b.folder, fmt.Sprintf("honest-%d", images))
				t.Run(fmt.Sprintf("%s/%d", filepath.Base(layout), i), func(t *testing.T) {
					t.Parallel()
					b.compareHonest(t, layout, digest, work, flags)
					os.RemoveAll(work)
				})
			}
		}
	}
	fmt.Printf("honest images %d\n", images)
}

func (b *bench) compareHonest(t *testing.T, layout, digest, work string, flags []string) {
	single := filepath.Join(work, "original")
	if err := alone(layout, digest, single); err != nil {
		t.Fatal(err)
	}
	o, refusal := b.program.run(layout, digest, filepath.Join(work, "out"))
	if refusal == nil && o.Failure != nil {
		refusal = fmt.Errorf("refused: %s", o.Failure.Detail)
	}
	before, err := b.trivy.run(single, flags...)
	if err != nil {
		if refusal == nil {
			t.Errorf("accepted, but Trivy cannot scan the image itself: %v", err)
		}
		return
	}
	if refusal != nil {
		t.Fatal(refusal)
	}
	after, err := b.trivy.run(filepath.Join(work, "out", "image"), flags...)
	if err != nil {
		t.Fatal(err)
	}
	if string(before.Metadata.OS) != string(after.Metadata.OS) {
		t.Errorf("OS: %s, of the normal form %s", before.Metadata.OS, after.Metadata.OS)
	}
	was, is := findingsOf(before, single), findingsOf(after, filepath.Join(work, "out", "image"))
	for _, f := range sortedKeys(was) {
		if is[f] < was[f] {
			t.Errorf("lost: %s (%d, of the normal form %d)", f, was[f], is[f])
		}
	}
	more := []string{}
	for _, f := range sortedKeys(is) {
		if is[f] > was[f] {
			more = append(more, f)
			if strings.HasPrefix(f, "misconfiguration") {
				t.Errorf("found in the normal form only: %s", f)
			}
		}
	}
	if len(more) > 0 {
		t.Logf("%d more in the normal form, which Trivy skipped in the image: %.2000s", len(more), strings.Join(more, "\n  "))
	}
}

// coveredMark is what the name of a file has that no runtime shows.
var coveredMark = regexp.MustCompile(`/~[0-9a-f]{16}[.\d]+/~?([^/]*?)~?$`)

// findingsOf gives all that Trivy says of an image, one line each, without what names the scan.
func findingsOf(r *report, name string) map[string]int {
	m := map[string]int{}
	add := func(format string, a ...any) { m[fmt.Sprintf(format, a...)]++ }
	for _, result := range r.Results {
		target, config := coveredMark.ReplaceAllString(strings.TrimSpace(strings.ReplaceAll(result.Target, name, "")), "/$1"), strings.Contains(result.Target, name)
		for _, p := range result.Packages {
			add("package %s %s %s %s@%s %s", result.Class, result.Type, target, p.Name, p.Version, p.FilePath)
		}
		for _, v := range result.Vulnerabilities {
			add("vulnerability %s %s %+v", result.Class, result.Type, v)
		}
		for _, s := range result.Secrets {
			if config { // the line of the config that is shown has another form there
				m["secret in the config "+s.RuleID] = 1
				continue
			}
			add("secret %s %s %s", target, s.RuleID, s.Match)
		}
		for _, c := range result.Misconfigurations {
			add("misconfiguration %s %s %s", c.ID, c.Status, c.Message)
		}
	}
	return m
}

// imagesOf gives the digests of the images in a layout, those of its indexes among them.
func imagesOf(t *testing.T, layout string) (images []string) {
	t.Helper()
	seen := map[string]bool{}
	var walk func(file string)
	walk = func(file string) {
		var m struct {
			Manifests []struct{ Digest, MediaType string }
			Layers    []struct{ MediaType string }
			Config    struct{ MediaType string }
		}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range m.Manifests {
			if !seen[d.Digest] {
				seen[d.Digest] = true
				walk(filepath.Join(layout, "blobs", strings.ReplaceAll(d.Digest, ":", "/")))
			}
		}
		isImage := strings.Contains(m.Config.MediaType, ".image.config.") || strings.Contains(m.Config.MediaType, "container.image.v1")
		for _, l := range m.Layers { // an attestation has the config of an image and layers of other types
			isImage = isImage && (strings.Contains(l.MediaType, ".image.layer.") || strings.Contains(l.MediaType, "rootfs.diff"))
		}
		if isImage {
			images = append(images, filepath.Base(file))
		}
	}
	walk(filepath.Join(layout, "index.json"))
	sort.Strings(images)
	for i := range images {
		images[i] = "sha256:" + images[i]
	}
	return images
}

// alone makes a layout of one image of another layout: Trivy takes the first image that an index.json names.
func alone(layout, digest, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	source, err := filepath.Abs(filepath.Join(layout, "blobs"))
	if err != nil {
		return err
	}
	if err := os.Symlink(source, filepath.Join(to, "blobs")); err != nil {
		return err
	}
	file := filepath.Join(source, strings.ReplaceAll(digest, ":", "/"))
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var m struct{ MediaType string }
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	if m.MediaType == "" {
		m.MediaType = "application/vnd.oci.image.manifest.v1+json"
	}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []any{map[string]any{"mediaType": m.MediaType, "digest": digest, "size": len(text)}}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(to, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "index.json"), index, 0o644)
}
