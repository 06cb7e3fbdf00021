package books

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

func isDotNetDependencies(name string) bool { return strings.HasSuffix(name, ".deps.json") }

// declareDotNet reads the libraries that a program of .NET loads. Of a key that stands there twice, hosts take the first value or the last, so both
// count.
func declareDotNet(d *Declaration, text []byte) {
	d.Kind = DotNet
	all, err := members(unmarked(text))
	if err != nil && !isTooDeep(err) && !bytes.Contains(withoutEscapes(text), []byte(`"libraries"`)) {
		d.Nameless = "it is no JSON, and lists no libraries"
		return
	}
	if err != nil {
		d.Broken = fmt.Sprintf("it is no JSON: %.100q; correct the file, or delete it", err)
		return
	}
	inert := inertLibraries(all)
	seen := map[Package]bool{}
	for _, library := range under(all, "libraries") {
		name, version, isVersioned := strings.Cut(library.key, "/")
		p := Package{Name: strings.TrimPrefix(name, "runtimepack."), Version: version}
		if !isVersioned || !isLibrary(library.value) || inert[library.key] || seen[p] {
			continue
		}
		seen[p] = true
		d.Packages = append(d.Packages, p)
	}
	if len(d.Packages) == 0 {
		d.Nameless = "it lists no library that is loaded"
	}
}

func isLibrary(value json.RawMessage) bool {
	fields, _ := members(value)
	for _, f := range fields {
		if kind, _ := textOf(f.value); f.key == "type" {
			switch strings.ToLower(kind) {
			case "package", "project", "runtimepack":
				return true
			}
		}
	}
	return false
}

// inertLibraries have nothing to load in the target that the program runs on: they are there for the build. Of keys that stand there twice, all count.
func inertLibraries(all []member) map[string]bool {
	running := map[string]bool{}
	for _, target := range under(all, "runtimeTarget") {
		if name, isText := textOf(target.value); target.key == "name" && isText {
			running[name] = true
		}
	}
	inert := map[string]bool{}
	active := map[string]bool{}
	for _, target := range under(all, "targets") {
		if !running[target.key] {
			continue
		}
		libraries, _ := members(target.value)
		for _, library := range libraries {
			active[library.key] = active[library.key] || isLoaded(library.value)
			inert[library.key] = !active[library.key]
		}
	}
	return inert
}

func isLoaded(library json.RawMessage) bool {
	fields, _ := members(library)
	return slices.ContainsFunc(fields, func(f member) bool {
		switch f.key {
		case "runtime", "runtimeTargets", "native":
			return string(f.value) != "null"
		}
		return false
	})
}

// under a key, each time that it stands there.
func under(all []member, key string) (found []member) {
	for _, m := range all {
		if m.key == key {
			within, _ := members(m.value)
			found = append(found, within...)
		}
	}
	return found
}
