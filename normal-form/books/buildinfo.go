package books

import (
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
)

// buildInfoFolder has what Red Hat's build system leaves in a layer: the repositories that packages came from, by which their advisories are chosen.
type buildInfoFolder struct {
	folder, prefix, suffix string
	read                   func([]byte) string
}

var buildInfoFolders = []buildInfoFolder{
	{"root/buildinfo/content_manifests", "", ".json", contentSets},
	{"usr/share/buildinfo", "", ".json", contentSets},
	{"root/buildinfo", "Dockerfile", "", func(text []byte) string { return string(text) }},
}

const maxBuildInfo = 4 << 20

// buildInfo of one layer: Trivy keeps one of several, by chance. Each layer of an image of Red Hat has one of its own, which is well.
func buildInfo(tree Tree) []Declaration {
	var undecided []Declaration
	first := map[string]File{} // by layer and kind
	said := map[string]string{}
	for _, b := range buildInfoFolders {
		for _, name := range tree.Names(b.folder) {
			at := path.Join(b.folder, name)
			file, found := tree.Resolve(at)
			if !found || !strings.HasPrefix(name, b.prefix) || path.Ext(name) != b.suffix && b.suffix != "" {
				continue
			}
			says, err := b.text(file)
			key := fmt.Sprintf("%d %s", file.Layer, b.suffix)
			known, twice := first[key]
			switch {
			case err != nil:
				undecided = append(undecided, Declaration{Path: at, Kind: ContentSets, Layer: file.Layer, Broken: err.Error()})
			case !twice:
				first[key], said[key] = file, says
			case said[key] != says:
				undecided = append(undecided, Declaration{Path: at, Kind: ContentSets, Layer: file.Layer, Broken: fmt.Sprintf("%.100q and %.100q come from one layer and "+
					"say different things of the packages in it, of which Trivy takes one by chance; leave one, or do not squash the layers", known.Path, at)})
			}
		}
	}
	return undecided
}

func (b buildInfoFolder) text(file File) (string, error) {
	if file.Size > maxBuildInfo {
		return "", fmt.Errorf("%.100q has more than %d MiB; leave it as the build system wrote it", file.Path, maxBuildInfo>>20)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, file.Size))
	return b.read(text), err
}

// contentSets that the manifest names, in one text; nothing if Trivy takes none from it.
func contentSets(text []byte) string {
	var manifest struct {
		ContentSets []string `json:"content_sets"`
	}
	if json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	return strings.Join(manifest.ContentSets, "\n")
}
