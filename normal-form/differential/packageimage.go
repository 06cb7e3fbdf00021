package differential

import (
	"path"
	"slices"
	"strings"
)

// packageImage is an image of a few installations. It is honest first, and then a few things are done to it that hide a package.
type packageImage struct {
	*generator
	corpus    *corpus
	managers  []string
	declaring []*declaring
}

// declaring is a file that says what is installed.
type declaring struct {
	manager string
	layer   int
	*entry
}

// image puts one system, or none, and some installations of languages into a few layers.
func (i *packageImage) image(tricks int) {
	for range 1 + i.Intn(3) {
		i.layers = append(i.layers, &tarball{end: make([]byte, 2*block)})
	}
	var systems, languages []*installation
	for _, each := range i.corpus.installations {
		if each.isSystem() {
			systems = append(systems, each)
		} else {
			languages = append(languages, each)
		}
	}
	if len(systems) > 0 && !i.oneIn(5) {
		i.install(pick(i.generator, systems...), "", 0)
	}
	for _, at := range i.Perm(len(languages))[:min(len(languages), 1+i.Intn(5))] {
		i.install(languages[at], i.home(), i.Intn(len(i.layers)))
	}
	if tricks > 0 && i.oneIn(4) {
		i.crowd(pick(i.generator, languages...))
	}
	for range tricks {
		i.hideSomething()
	}
	for _, t := range i.layers {
		t.withoutDoubles()
		raw := t.bytes()
		i.blobs = append(i.blobs, &blob{bytes: raw, how: "plain", kind: ociLayer, diffID: digestOf(raw), size: int64(len(raw))})
	}
}

// home is a folder to which somebody installs.
func (i *packageImage) home() string {
	return pick(i.generator, "app", "srv/www", "opt/vendor/product-1.2", "usr/local/lib", "home/user/.local/share", "usr/src/app", "root", "usr/lib/x", "var/task", "data/a/b/c") +
		pick(i.generator, "", "/x", "/y", "/z")
}

// install writes an installation below a folder.
func (i *packageImage) install(from *installation, home string, layer int) {
	i.managers = append(i.managers, from.manager)
	for _, e := range from.entries {
		e := e.clone()
		e.name = strings.TrimPrefix(home+"/"+e.name, "/")
		i.layers[layer].entries = append(i.layers[layer].entries, e)
		if e.kind == '0' && declares(from.manager, e.name) {
			i.declaring = append(i.declaring, &declaring{from.manager, layer, e})
		}
	}
}

// add entries to a layer.
func (i *packageImage) add(layer int, entries ...*entry) {
	i.layers[layer].entries = append(i.layers[layer].entries, entries...)
}

// declares: whether a file of an installation is one that lists packages.
func declares(manager, name string) bool {
	base, folder := path.Base(name), path.Base(path.Dir(name))
	switch manager {
	case "npm":
		return base == "package.json" && strings.Contains(name, "node_modules/")
	case "pip":
		return base == "METADATA" || base == "PKG-INFO" || path.Ext(base) == ".egg"
	case "dpkg":
		return name == "var/lib/dpkg/status"
	case "apk":
		return strings.HasSuffix(name, "lib/apk/db/installed")
	case "rpm":
		return base == "rpmdb.sqlite"
	case "go", "cargo":
		return true
	case "maven":
		return path.Ext(base) == ".jar"
	case "gem":
		return folder == "specifications"
	case "composer":
		return base == "installed.json"
	}
	return false
}

// withoutDoubles keeps of each path the entry that was written last: a path that stands there twice is refused, and another test's subject.
func (t *tarball) withoutDoubles() {
	seen := map[string]bool{}
	var kept []*entry
	for _, e := range slices.Backward(t.entries) {
		if name := strings.TrimSuffix(e.name, "/"); !seen[name] {
			seen[name] = true
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	t.entries = kept
}

// set the content of an entry.
func (e *entry) set(content string) {
	e.data, e.size = []byte(content), int64(len(content))
}
