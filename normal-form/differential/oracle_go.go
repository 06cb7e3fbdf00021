//go:build linux

package differential

import (
	"debug/buildinfo"
	"strings"
)

// modulesIn a program are those that `go version -m` lists, with what replaces them, and the standard library.
func modulesIn(f reachable) (all []installed) {
	if f.spelled != f.real || !isProgram(f.head) {
		return nil
	}
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

func isProgram(head []byte) bool {
	text := string(head)
	for _, magic := range []string{"\x7fELF", "MZ", "\xfe\xed\xfa", "\xcf\xfa\xed\xfe", "\xce\xfa\xed\xfe", "\xca\xfe\xba\xbe"} {
		if strings.HasPrefix(text, magic) {
			return true
		}
	}
	return false
}
