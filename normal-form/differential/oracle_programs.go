//go:build linux

package differential

import (
	"compress/zlib"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"strings"
)

// What programs say of themselves is read here: the library behind `go version -m`, and the section that cargo-auditable writes.

func packagesInProgram(f reachable) (all []installed) {
	if f.spelled != f.real || !isProgram(f.head) {
		return nil
	}
	return append(modulesIn(f), cratesIn(f)...)
}

// modulesIn a program of Go, with what replaces them, and the standard library.
func modulesIn(f reachable) (all []installed) {
	info, err := buildinfo.ReadFile(f.host)
	if err != nil {
		return nil
	}
	add := func(name, version string) {
		all = append(all, installed{"gobinary", f.names(""), name, version})
	}
	add("stdlib", "v"+strings.Fields(strings.TrimPrefix(info.GoVersion, "go") + " ")[0])
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		add(m.Path, m.Version)
	}
	return all
}

// cratesIn a program of Rust, without those that only the build needs.
func cratesIn(f reachable) (all []installed) {
	e, err := elf.Open(f.host)
	if err != nil {
		return nil
	}
	defer e.Close()
	section := e.Section(".dep-v0")
	if section == nil {
		return nil
	}
	text, err := zlib.NewReader(section.Open())
	if err != nil {
		return nil
	}
	var list struct {
		Packages []struct{ Name, Version, Kind string }
	}
	if json.NewDecoder(text).Decode(&list) != nil {
		return nil
	}
	for _, p := range list.Packages {
		if p.Kind != "build" {
			all = append(all, installed{"rustbinary", f.names(""), p.Name, p.Version})
		}
	}
	return all
}

func isProgram(head []byte) bool {
	text := string(head)
	for _, magic := range []string{"\x7fELF", "MZ", "\xfe\xed\xfa", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe"} {
		if strings.HasPrefix(text, magic) {
			return true
		}
	}
	return false
}
