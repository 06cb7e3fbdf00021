package books

import (
	"debug/buildinfo"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
)

// listGoProgram lists the modules that a Go program says it is built of.
func (l *lister) listGoProgram(f File, m marks, in sections) {
	info, err := buildinfo.Read(&metered{f, mostOfProgram})
	switch {
	case err == nil:
		l.add(Declaration{Path: f.Path, Layer: f.Layer, Kind: Go, Packages: modulesOf(info)})
	case m.isGo:
		l.add(unlistedGoProgram(f, err))
	default:
		if _, isGo := in.oneOf(".gopclntab", ".note.go.buildid", "__gopclntab"); isGo {
			l.add(Declaration{Path: f.Path, Layer: f.Layer, Kind: Go,
				Nameless: "it is a Go program that carries no list of its modules"}) // as esbuild, which is in many images
		}
	}
}

func unlistedGoProgram(f File, err error) Declaration {
	return Declaration{Path: f.Path, Layer: f.Layer, Kind: Go,
		Broken: fmt.Sprintf("it is a Go program whose list of modules cannot be read: %.200q; build it again, and do not pack or strip it", err)}
}

// modulesOf a program, as Trivy names them: what replaces a module stands for it, and a version that the build does not know is none.
func modulesOf(info *debug.BuildInfo) []Package {
	packages := []Package{{Name: "stdlib", Version: standardLibrary(info.GoVersion)}}
	for _, m := range info.Deps {
		if m.Path == "" { // old versions of Go
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		packages = append(packages, Package{Name: m.Path, Version: known(m.Version)})
	}
	if info.Main.Path != "" {
		p := Package{Name: info.Main.Path, Version: known(info.Main.Version)}
		if pseudoVersion.MatchString(p.Version) { // Trivy takes what the linker or a symbol says instead, if they do
			p.Version = ""
		}
		packages = append(packages, p)
	}
	return packages
}

// pseudoVersion ends with the time and the hash of a commit.
var pseudoVersion = regexp.MustCompile(`[-.]\d{14}-[0-9A-Za-z]+(\+.*)?$`)

func known(version string) string {
	if version == "(devel)" {
		return ""
	}
	return version
}

// standardLibrary: the version of Go without the experiments that it was built with.
func standardLibrary(version string) string {
	version = strings.TrimPrefix(version, "go")
	for _, experiments := range []string{" X:", "-X:"} {
		version, _, _ = strings.Cut(version, experiments)
	}
	return "v" + version
}
